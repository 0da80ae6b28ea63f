import type { TraceColumns } from "@/lib/api/contract/trace-columns";
import { SPAN_KINDS, SPAN_STATES, type SpanKind, type SpanState, STATUS_CODES, type StatusCode } from "@/lib/otel/span";

/** The rows of a trace as flat arrays, in reading order. Times are ms since `baseMs` (the earliest start), with the ns as fractions. */
export interface SpanTable {
  count: number;
  /** Unix ms of the earliest start. */
  baseMs: number;
  depth: Int32Array;
  /** Row of the parent, −1 for a top. */
  parent: Int32Array;
  /** First row after the subtree: its size is `subtreeEnd[row] - row`. */
  subtreeEnd: Int32Array;
  startMs: Float64Array;
  /** NaN while there is no end. */
  endMs: Float64Array;
  /** Last sign of life of an open span, NaN when there is none. */
  activityMs: Float64Array;
  states: Uint8Array;
  hasOpen: boolean;
  spanId(row: number): string;
  /** The span's id, with its variant when several spans came with that id: what selection, collapse and links remember. */
  key(row: number): string;
  rowOf(key: string): number | null;
  name(row: number): string;
  service(row: number): string;
  serviceIndex: Int32Array;
  services: readonly string[];
  processId(row: number): string | null;
  kind(row: number): SpanKind;
  status(row: number): StatusCode;
  state(row: number): SpanState;
  logCount(row: number): number;
  marks(row: number): readonly string[];
  isCycleCut(row: number): boolean;
  /** A parent that only its children name: nothing of it was received. Its state says whether it is thought to come still. */
  isUnseen(row: number): boolean;
}

const ID_LENGTH = 16;
const NS_PER_MS = 1e6;

/** Reads the columns once; everything per row is then an array access. */
export function spanTableOf({ spans, baseUnixNano, names, services, processIds }: TraceColumns): SpanTable {
  const { count, ids } = spans;
  const depth = Int32Array.from(spans.depth);
  const startMs = Float64Array.from(spans.start, (ns) => ns / NS_PER_MS);
  const endMs = Float64Array.from(spans.duration, (ns, row) => ((spans.start[row] ?? 0) + ns) / NS_PER_MS);
  const activityMs = new Float64Array(count).fill(Number.NaN);
  for (const [row, activity] of spans.open) {
    endMs[row] = Number.NaN;
    if (activity !== null) activityMs[row] = activity / NS_PER_MS;
  }
  const logs = new Map(spans.logs);
  const variants = new Map(spans.variants);
  const marks = new Map(spans.marks);
  const cycleCuts = new Set(spans.cycleCuts);
  const states = digits(spans.state);
  const key = (row: number) => {
    const id = ids.slice(row * ID_LENGTH, (row + 1) * ID_LENGTH);
    const variant = variants.get(row);
    return variant === undefined ? id : `${id}.${variant}`;
  };
  let rowByKey: Map<string, number> | null = null;

  return {
    count,
    baseMs: Number(BigInt(baseUnixNano) / 1_000_000n),
    depth,
    ...shapeOf(depth),
    startMs,
    endMs,
    activityMs,
    states,
    hasOpen: spans.open.length > 0,
    spanId: (row) => ids.slice(row * ID_LENGTH, (row + 1) * ID_LENGTH),
    key,
    rowOf(wanted) {
      rowByKey ??= new Map(Array.from({ length: count }, (_, row) => [key(row), row]));
      return rowByKey.get(wanted) ?? null;
    },
    name: (row) => names[spans.name[row] ?? -1] ?? "",
    service: (row) => services[spans.service[row] ?? -1] ?? "",
    serviceIndex: Int32Array.from(spans.service),
    services,
    processId: (row) => processIds[spans.process[row] ?? -1] ?? null,
    kind: (row) => SPAN_KINDS[Number(spans.kind[row])] ?? "unspecified",
    status: (row) => STATUS_CODES[Number(spans.status[row])] ?? "unset",
    state: (row) => SPAN_STATES[states[row] ?? 0] ?? "closed",
    logCount: (row) => logs.get(row) ?? 0,
    marks: (row) => marks.get(row) ?? NONE,
    isCycleCut: (row) => cycleCuts.has(row),
    // Whatever was received came from a process.
    isUnseen: (row) => (spans.process[row] ?? 0) < 0,
  };
}

const NONE: readonly string[] = [];

function digits(text: string): Uint8Array {
  const values = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) values[at] = text.charCodeAt(at) - 48;
  return values;
}

/** Parents and subtree ends from depths alone: rows are in reading order, so a parent is the last row above with one less. */
function shapeOf(depth: Int32Array): Pick<SpanTable, "parent" | "subtreeEnd"> {
  const parent = new Int32Array(depth.length).fill(-1);
  const subtreeEnd = new Int32Array(depth.length).fill(depth.length);
  const open: number[] = [];
  for (let row = 0; row < depth.length; row++) {
    const level = depth[row] ?? 0;
    while (open.length > level) subtreeEnd[open.pop() as number] = row;
    parent[row] = open[level - 1] ?? -1;
    open[level] = row;
  }
  return { parent, subtreeEnd };
}
