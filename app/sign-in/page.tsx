import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignIn } from "@/components/sign-in/sign-in";
import { findPageViewer } from "@/lib/http/page-guard";
import { en } from "@/messages/en";
import { zh } from "@/messages/zh";
import { requestLocale } from "../locale";

export const generateMetadata = async (): Promise<Metadata> => ({ title: ((await requestLocale()) === "zh" ? zh : en).signIn.title });

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const [viewer, { next }] = await Promise.all([findPageViewer(), searchParams]);
  if (viewer?.type === "local") redirect("/traces");
  return <SignIn isSignedIn={viewer !== null} next={typeof next === "string" ? next : null} />;
}
