import { cookies, headers } from "next/headers";
import { type Locale, localeOf } from "@/messages/locale";

/** The language of this request. */
export async function requestLocale(): Promise<Locale> {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  return localeOf(jar.get("locale")?.value, head.get("accept-language"));
}
