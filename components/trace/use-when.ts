"use client";

import { useLocale } from "use-intl";
import { useNow } from "@/components/use-now";
import { formatWhen } from "./format";

/** Words a moment (RFC 3339) as people say it: "yesterday 14:02". For sentences; it moves on at midnight, not with every second. */
export function useWhen(): (at: string) => string {
  const locale = useLocale();
  const now = useNow(false);
  return (at) => formatWhen(Date.parse(at), now, locale);
}
