import type { SpanRecord } from "@/lib/otel/span";

/**
 * Several spans can come with one id: cloned generators (wire.md P12), or the two sides of a call in Zipkin (§7.5). Records speak of the
 * same span when they name the same start, or when one process gave them one name, unless the one had ended before the other began. The
 * client's and the server's side of a call are never the same span.
 *
 * @param records at least one; all of one span id, in order of arrival.
 * @returns the records of each span, earliest start first, in order of arrival; each record is in exactly one.
 */
export function splitVariants(records: SpanRecord[]): SpanRecord[][] {
  const first = records[0] as SpanRecord;
  if (records.every((record) => record.startTimeUnixNano === first.startTimeUnixNano && record.kind === first.kind)) return [records];

  const joined = new Map<bigint, bigint>();
  for (const story of groupBy(records, (record) => `${record.processId} ${record.name}`).values()) joinStory(story, joined);
  const spans = groupBy(records, (record) => leaderOf(record.startTimeUnixNano, joined));
  return [...spans].sort(([a], [b]) => compareTimes(a, b)).flatMap(([, those]) => splitSides(those));
}

/** Of one process's records of one name: joins each start to the one before it, unless that had ended by then. */
function joinStory(story: SpanRecord[], joined: Map<bigint, bigint>): void {
  const byStart = groupBy(story, (record) => record.startTimeUnixNano);
  let before: { start: bigint; end: bigint | null } | null = null;
  for (const start of [...byStart.keys()].sort(compareTimes)) {
    let end = latestEnd(byStart.get(start) ?? []);
    // A start of 0 is one that was not told (R14): it ended before nothing.
    const isNext: boolean = before !== null && before.start > 0n && before.end !== null && before.end <= start;
    if (before !== null && !isNext) {
      join(before.start, start, joined);
      end = end === null || (before.end !== null && before.end > end) ? before.end : end;
    }
    before = { start, end };
  }
}

function latestEnd(records: SpanRecord[]): bigint | null {
  let latest: bigint | null = null;
  for (const { endTimeUnixNano: end } of records) if (end !== null && (latest === null || end > latest)) latest = end;
  return latest;
}

function splitSides(records: SpanRecord[]): SpanRecord[][] {
  const server = records.filter((record) => record.kind === "server");
  if (server.length === 0 || !records.some((record) => record.kind === "client")) return [records];
  return [records.filter((record) => record.kind !== "server"), server];
}

/** The earliest start that `start` was joined to. Shortens the way there, so that long chains are walked once. */
function leaderOf(start: bigint, joined: Map<bigint, bigint>): bigint {
  let leader = start;
  for (let next = joined.get(leader); next !== undefined; next = joined.get(leader)) leader = next;
  for (let at = start; at !== leader; ) {
    const next = joined.get(at) as bigint;
    joined.set(at, leader);
    at = next;
  }
  return leader;
}

function join(a: bigint, b: bigint, joined: Map<bigint, bigint>): void {
  const [earlier, later] = [leaderOf(a, joined), leaderOf(b, joined)].sort(compareTimes) as [bigint, bigint];
  if (earlier !== later) joined.set(later, earlier);
}

function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

const compareTimes = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
