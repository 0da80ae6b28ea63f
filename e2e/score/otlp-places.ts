/** Where the times and trace ids are in an OTLP protobuf request: offsets into `body`. */
interface Places {
  /** fixed64 fields holding Unix ns. */
  times: number[];
  /** 16 bytes each. */
  traceIds: number[];
  /** Values of `service.name`. */
  services: string[];
}

type Meaning = "time" | "traceId" | "resource" | Shape;
interface Shape {
  [field: number]: Meaning;
}

// Field numbers of opentelemetry-proto: trace.proto, logs.proto, metrics.proto.
const SPAN: Shape = { 1: "traceId", 7: "time", 8: "time", 11: { 1: "time" }, 13: { 1: "traceId" } };
const LOG: Shape = { 1: "time", 9: "traceId", 11: "time" };
const POINTS: Shape = { 1: { 2: "time", 3: "time" } };
const METRIC: Shape = { 5: POINTS, 7: POINTS, 9: POINTS, 10: POINTS, 11: POINTS };
const exportOf = (item: Shape): Shape => ({ 1: { 1: "resource", 2: { 2: item } } });

/** Finds them; what lies behind the first broken byte is not looked at, so that broken requests can be replayed as broken. */
export function placesIn(body: Buffer, path: string): Places {
  const found: Places = { times: [], traceIds: [], services: [] };
  const shape = /trace/i.test(path) ? exportOf(SPAN) : /logs/i.test(path) ? exportOf(LOG) : /metrics/i.test(path) ? exportOf(METRIC) : {};
  visit(
    body,
    0,
    body.length,
    (_field, from, to, meaning) => {
      if (meaning === "time" && to - from === 8) found.times.push(from);
      else if (meaning === "traceId" && to - from === 16) found.traceIds.push(from);
      else if (meaning === "resource") found.services.push(...serviceNames(body, from, to));
    },
    shape,
  );
  return found;
}

function serviceNames(body: Buffer, from: number, to: number): string[] {
  const names: string[] = [];
  const text = (start: number, end: number) => body.toString("utf8", start, end);
  visit(body, from, to, (_field, start, end) => {
    const pair = { key: "", value: "" };
    visit(body, start, end, (field, a, b) => {
      if (field === 1) pair.key = text(a, b);
      if (field === 2)
        visit(body, a, b, (kind, c, d) => {
          if (kind === 1) pair.value = text(c, d);
        });
    });
    if (pair.key === "service.name" && pair.value) names.push(pair.value);
  });
  return names;
}

/** Calls `on` for each 8-byte or length-delimited field, and goes into those whose meaning is a shape. */
function visit(
  body: Buffer,
  start: number,
  end: number,
  on: (field: number, from: number, to: number, meaning: Meaning | undefined) => void,
  shape: Shape = {},
): void {
  let at = start;
  const varint = () => {
    let value = 0;
    for (let power = 1; at < end; power *= 128) {
      const byte = body[at++] as number;
      value += (byte & 0x7f) * power;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  /** Bytes of the value that begins at `at`; NaN where no value can begin. Leaves `at` on its first byte, for a varint behind it. */
  const lengthOf = (wire: number): number => {
    if (wire === 1) return 8;
    if (wire === 5) return 4;
    if (wire === 2) return varint();
    return wire === 0 && varint() >= 0 ? 0 : Number.NaN;
  };
  while (at < end) {
    const tag = varint();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    const length = lengthOf(wire);
    if (!(at + length <= end)) return;
    if (wire === 1 || wire === 2) {
      const meaning = shape[field];
      on(field, at, at + length, meaning);
      if (wire === 2 && typeof meaning === "object") visit(body, at, at + length, on, meaning);
    }
    at += length;
  }
}
