import type { Locale } from "@/messages/locale";

export type Theme = "light" | "dark" | "system";
interface Preferences {
  locale: Locale;
  theme: Theme;
  /** Whether the navigation shows icons only. */
  navigation: "wide" | "narrow";
}

const YEAR_SECONDS = 31_536_000;

/** Remembers a choice in a cookie, where the server finds it before it paints. */
export function setPreference<Name extends keyof Preferences>(name: Name, value: Preferences[Name]) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Safari before 18.4 and in Firefox before 140
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}
