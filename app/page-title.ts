import type { Metadata } from "next";
import type { PlaceId } from "@/components/shell/places";
import { en } from "@/messages/en";
import { zh } from "@/messages/zh";
import { requestLocale } from "./locale";

/** `generateMetadata` of a page of the navigation: its name in the reader's language. */
export const pageTitle = (place: PlaceId) => async (): Promise<Metadata> => {
  const { shell } = (await requestLocale()) === "zh" ? zh : en;
  return { title: shell[place] };
};
