import type { Kind } from "@/lib/diagnosis/finding";

/** Where the page of a kind is read: the repository's docs/checks. */
export const docsHref = (kind: Kind): string => `/docs/checks/${kind}`;
