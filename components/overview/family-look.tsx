import type { Family } from "@/lib/diagnosis/finding";

/** What one bucket of time holds: when it begins (Unix ms), and how many findings of each family. */
export type Column = { atMs: number } & Partial<Record<Family, number>>;

/** How each family is filled in a chart. What is missing is hatched, as it is in the waterfall; the other colours are those of their states. */
export const FAMILY_FILL: Record<Family, string> = {
  unclosed: "var(--abandoned)",
  orphan: "var(--missing)",
  "missing-worker-data": "url(#hatched)",
  "wrong-parent": "var(--wrong-parent)",
  "data-quality": "var(--hue-5)",
};

/** The hatching, to be put into the chart's own SVG. */
export function Hatching() {
  return (
    <defs>
      <pattern id="hatched" width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={5} height={5} fill="var(--fill-strong)" />
        <line x1={0} y1={0} x2={0} y2={5} stroke="var(--missing-ink)" strokeWidth={3} />
      </pattern>
    </defs>
  );
}
