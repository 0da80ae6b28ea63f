import { type Family, KINDS_BY_FAMILY, type Kind } from "@/lib/diagnosis/finding";

/** The kinds of findings that a query asks for, or null for all. A kind of another family than the one asked for is none. */
export function kindsOf({ kind, family }: { kind?: Kind; family?: Family }): readonly Kind[] | null {
  if (family === undefined) return kind === undefined ? null : [kind];
  const kinds: readonly Kind[] = KINDS_BY_FAMILY[family];
  return kind === undefined ? kinds : kinds.filter((one) => one === kind);
}
