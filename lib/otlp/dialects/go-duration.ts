const MS_PER_UNIT = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Ms of a duration as Go writes it ("5000ms", "1m30s", "1.5h"), or null when it is none. Negative ones are none to us. */
export function parseGoDuration(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) return null;
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (MS_PER_UNIT.get(unit as string) ?? 0), 0);
}
