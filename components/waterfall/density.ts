import { type Domain, fractionOf } from "./scale";
import type { SpanTable } from "./span-table";

/** How many spans run in each of `bins` slices of the whole domain: the minimap's mountains. Linear in spans plus bins. */
export function densityOf(
  table: Pick<SpanTable, "count" | "startMs" | "endMs" | "activityMs">,
  domain: Domain,
  bins: number,
): Float64Array {
  const change = new Float64Array(bins + 1);
  for (let row = 0; row < table.count; row++) {
    const start = table.startMs[row] ?? 0;
    let end = table.endMs[row] ?? Number.NaN;
    if (Number.isNaN(end)) end = table.activityMs[row] ?? start;
    if (Number.isNaN(end)) end = start;
    const from = fractionOf(domain, Math.min(start, end));
    const to = fractionOf(domain, Math.max(start, end));
    if (to < 0 || from > 1) continue;
    const first = binOf(from, bins);
    const last = binOf(to, bins);
    change[first] = (change[first] ?? 0) + 1;
    change[last + 1] = (change[last + 1] ?? 0) - 1;
  }
  const running = new Float64Array(bins);
  let now = 0;
  for (let bin = 0; bin < bins; bin++) {
    now += change[bin] ?? 0;
    running[bin] = now;
  }
  return running;
}

const binOf = (fraction: number, bins: number) => Math.min(bins - 1, Math.max(0, Math.floor(fraction * bins)));
