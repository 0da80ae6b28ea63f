import type { Kind } from "@/lib/diagnosis/finding";

/** The page that says what a kind of finding means. */
export const docsHref = (kind: Kind): string => `/docs/checks/${kind}`;

/** The page that says what proved, likely and possible promise. */
export const CERTAINTY_HREF = "/docs/certainty";

/** Where advice is explained: a page of our docs (`docs/advice.md#a2`) in the product, or the web; null for anything else. */
export function adviceHref(docs: string): string | null {
  const page = /^docs\/([a-z/-]+)\.md(#[\w-]+)?$/.exec(docs);
  if (page) return `/docs/${page[1]}${page[2] ?? ""}`;
  return /^https:\/\//.test(docs) ? docs : null;
}
