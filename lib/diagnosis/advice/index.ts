import type { Advice } from "../finding";
import type { Language } from "../words/language";
import type { Cure } from "./cure";
import { ENDING_CURES } from "./ending";
import { LINKING_CURES } from "./linking";
import { REPORTING_CURES } from "./reporting";

/** Every cure by its id (wire.md §12). */
export const CURES: Readonly<Record<string, Cure>> = { ...ENDING_CURES, ...REPORTING_CURES, ...LINKING_CURES };

/** Words one cure: its title in the reader's language, its snippet in the user's, with the places filled. Lines with an unknown place are left out. */
export function sayAdvice(
  advice: Advice,
  language: Language,
): { id: string; title: string; snippet: string; language: string | null; docs: string } {
  const cure = CURES[advice.id];
  if (!cure) return { id: advice.id, title: advice.id, snippet: "", language: null, docs: "docs/advice.md" };
  const spoken = languageFor(cure, advice.language);
  const snippet = cure.snippets[spoken ?? ""] ?? "";
  return {
    id: advice.id,
    title: fill(cure[language], advice.args),
    snippet: fill(snippet, advice.args),
    language: spoken === null ? null : (spoken.split("-")[0] ?? null),
    docs: `docs/advice.md#${advice.id.toLowerCase()}`,
  };
}

/** `python-logfire` falls back to `python`, and a language without a snippet of its own to the first there is. */
function languageFor({ snippets }: Cure, wanted: string | null): string | null {
  const [first = null] = Object.keys(snippets);
  for (const candidate of [wanted, wanted?.split("-")[0] ?? null]) if (candidate !== null && candidate in snippets) return candidate;
  return first;
}

const PLACE = /«(\w+)(?::([^»]*))?»/g;

const fill = (text: string, args: Advice["args"]): string =>
  text
    .split("\n")
    .filter((line) => [...line.matchAll(PLACE)].every(([, key, fallback]) => fallback !== undefined || (args[key ?? ""] ?? "") !== ""))
    .join("\n")
    .replace(PLACE, (_, key: string, fallback: string | undefined) => quotable(String(args[key] || fallback)));

/** A span's name may hold anything; in a snippet it stands in quotes and on one line. */
const quotable = (text: string): string => text.replace(/\s+/g, " ").replace(/["\\]/g, "\\$&").slice(0, 200);
