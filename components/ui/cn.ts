import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

// Our font sizes must be told: tailwind-merge would take `text-small` for a colour and drop it beside `text-ink`.
const merge = extendTailwindMerge({ extend: { classGroups: { "font-size": [{ text: ["tiny", "small", "data", "lead"] }] } } });

/** Joins Tailwind classes; a later one wins over an earlier one of the same kind. */
export const cn = (...classes: ClassValue[]): string => merge(clsx(classes));
