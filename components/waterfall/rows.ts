import type { SpanTable } from "./span-table";

type Shape = Pick<SpanTable, "count" | "parent" | "subtreeEnd">;

export const hasChildren = ({ subtreeEnd }: Shape, row: number): boolean => (subtreeEnd[row] ?? 0) > row + 1;

/** Rows that are shown: all but those below a collapsed one. Linear; 100 000 rows take a millisecond. */
export function visibleRows({ count, subtreeEnd }: Shape, collapsed: ReadonlySet<number>): Int32Array {
  const shown = new Int32Array(count);
  let length = 0;
  for (let row = 0; row < count; ) {
    shown[length++] = row;
    row = collapsed.has(row) ? (subtreeEnd[row] ?? count) : row + 1;
  }
  return shown.subarray(0, length);
}

/** Place of `row` among the shown rows, or of the nearest shown row above it. −1 when nothing is shown. */
export function indexOfRow(shown: Int32Array, row: number): number {
  let low = 0;
  let high = shown.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((shown[middle] ?? 0) <= row) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

/** Everything above `row`, nearest first. */
export function ancestorsOf({ parent }: Shape, row: number): number[] {
  const above: number[] = [];
  for (let at = parent[row] ?? -1; at >= 0; at = parent[at] ?? -1) above.push(at);
  return above;
}

/** All rows with children at `level` or deeper: what "collapse to level" closes. */
export function rowsToCollapse(table: Shape & Pick<SpanTable, "depth">, level: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < table.count; row++) if ((table.depth[row] ?? 0) >= level && hasChildren(table, row)) rows.push(row);
  return rows;
}

/** Rows whose name, service or id contains `text`, regardless of case. Each name is looked at once, not once per span. */
export function findRows(table: Pick<SpanTable, "count" | "name" | "service" | "spanId">, text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const seen = new Map<string, boolean>();
  const contains = (candidate: string) => {
    let answer = seen.get(candidate);
    if (answer === undefined) {
      answer = candidate.toLowerCase().includes(wanted);
      seen.set(candidate, answer);
    }
    return answer;
  };
  const mayBeId = /^[0-9a-f]{4,16}$/.test(wanted);
  const found: number[] = [];
  for (let row = 0; row < table.count; row++) {
    if (contains(table.name(row)) || contains(table.service(row)) || (mayBeId && table.spanId(row).includes(wanted))) found.push(row);
  }
  return found;
}
