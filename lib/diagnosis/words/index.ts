import type { Cause, Sentence } from "../finding";
import { CAUSES_EN, EN } from "./en";
import { formatDuration, formatMoment } from "./format";
import type { Language } from "./language";
import { CAUSES_ZH, ZH } from "./zh";

export type SentenceId = keyof typeof EN;

const SENTENCES: Record<Language, Record<string, string>> = { en: EN, zh: ZH };
const CAUSE_NAMES: Record<Language, Record<Cause, string>> = { en: CAUSES_EN, zh: CAUSES_ZH };

/**
 * Words a sentence. Moments are shown in `timeZone` (an IANA name), or in the runtime's own zone when none is given. A sentence that this
 * version does not know (stored by another) is shown by its id rather than lost.
 */
export function say(sentence: Sentence, language: Language, timeZone?: string): string {
  const template = SENTENCES[language][sentence.id];
  if (template === undefined) return sentence.id;
  const whole = template.replace(/\[([^\]]*)\]/g, (_, part: string) => (hasEmptyPlace(part, sentence) ? "" : part));
  return whole.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, key: string, one: string | undefined, many: string | undefined) => {
    const value = sentence.args[key];
    if (one !== undefined) return value === 1 ? one : (many ?? "");
    return value === undefined ? "…" : fill(key, value, language, timeZone);
  });
}

/** The name of a cause, for lists. */
export const sayCause = (cause: Cause, language: Language): string => CAUSE_NAMES[language][cause];

const hasEmptyPlace = (part: string, { args }: Sentence): boolean =>
  [...part.matchAll(/\{(\w+)/g)].some(([, key]) => (args[key ?? ""] ?? "") === "");

function fill(key: string, value: string | number, language: Language, timeZone: string | undefined): string {
  if (typeof value !== "number") return value;
  if (/^at$|At$/.test(key)) return formatMoment(value, timeZone);
  if (/^duration$|Duration$/.test(key)) return formatDuration(value, language);
  return String(value);
}
