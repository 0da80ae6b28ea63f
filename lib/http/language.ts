import { cookieOf } from "@/lib/auth/session-cookie";
import { type Locale, localeOf } from "@/messages/locale";

/** The language that sentences are worded in: what the address says (`?lang=`), else what the pages show. */
export function languageOf(wanted: string | null, headers: Headers): Locale {
  return localeOf(
    wanted?.toLowerCase().split("-")[0] ?? cookieOf(headers.get("cookie"), "locale") ?? undefined,
    headers.get("accept-language"),
  );
}
