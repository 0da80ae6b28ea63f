import type { LogColumns, SpanColumns } from "@/lib/otel/record-batch";

/** Columns for `capacity` spans, all in one piece of memory: 29 allocations per request would cost as much as decoding does. */
export function makeSpanColumns(capacity: number): SpanColumns {
  const part = partsOf(capacity, 25, 4);
  return {
    count: 0,
    traceIdAt: part.int32(),
    spanIdAt: part.int32(),
    parentSpanIdAt: part.int32(),
    nameAt: part.int32(),
    nameLength: part.int32(),
    statusMessageAt: part.int32(),
    statusMessageLength: part.int32(),
    traceStateAt: part.int32(),
    traceStateLength: part.int32(),
    attributesAt: part.int32(),
    attributesLength: part.int32(),
    eventsAt: part.int32(),
    eventsLength: part.int32(),
    linksAt: part.int32(),
    linksLength: part.int32(),
    flags: part.uint32(),
    marks: part.uint32(),
    startHigh: part.uint32(),
    startLow: part.uint32(),
    endHigh: part.uint32(),
    endLow: part.uint32(),
    heartbeatEveryMs: part.uint32(),
    droppedCount: part.uint32(),
    resource: part.uint32(),
    scope: part.uint32(),
    phase: part.uint8(),
    dialect: part.uint8(),
    kind: part.uint8(),
    statusCode: part.uint8(),
  };
}

/** Columns for `capacity` log records. */
export function makeLogColumns(capacity: number): LogColumns {
  const part = partsOf(capacity, 20, 1);
  return {
    count: 0,
    traceIdAt: part.int32(),
    spanIdAt: part.int32(),
    severityTextAt: part.int32(),
    severityTextLength: part.int32(),
    eventNameAt: part.int32(),
    eventNameLength: part.int32(),
    messageAt: part.int32(),
    messageLength: part.int32(),
    templateAt: part.int32(),
    templateLength: part.int32(),
    bodyAt: part.int32(),
    bodyLength: part.int32(),
    attributesAt: part.int32(),
    attributesLength: part.int32(),
    timeHigh: part.uint32(),
    timeLow: part.uint32(),
    flags: part.uint32(),
    marks: part.uint32(),
    resource: part.uint32(),
    scope: part.uint32(),
    severityNumber: part.uint8(),
  };
}

/** Moves the rows of `from` into `to`, which has room for them. */
export function moveRows<Columns extends SpanColumns | LogColumns>(from: Columns, to: Columns): Columns {
  for (const name of Object.keys(from) as (keyof Columns)[]) {
    const column = from[name];
    if (ArrayBuffer.isView(column)) (to[name] as Uint32Array).set(column as unknown as Uint32Array);
  }
  to.count = from.count;
  return to;
}

function partsOf(capacity: number, words: number, bytes: number) {
  // Not zeroed: whoever takes a row fills in every column of it.
  const memory = Buffer.allocUnsafeSlow(capacity * (words * 4 + bytes)).buffer;
  let at = 0;
  const take = (size: number): number => {
    const start = at;
    at += size;
    return start;
  };
  return {
    int32: () => new Int32Array(memory, take(capacity * 4), capacity),
    uint32: () => new Uint32Array(memory, take(capacity * 4), capacity),
    uint8: () => new Uint8Array(memory, take(capacity), capacity),
  };
}
