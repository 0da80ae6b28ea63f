import { SPAN_KINDS, SPAN_STATES, STATUS_CODES } from "@/lib/otel/span";
import type { TraceColumns } from "./contract/trace-columns";
import type { SpanJson, TraceResponse } from "./contract/traces";

/** Turns the rows of a trace into columns (see the contract); nothing is left out that a row of the waterfall shows. */
export function traceColumnsOf({ spans, ...rest }: TraceResponse): TraceColumns {
  const base = baseOf(spans, Date.parse(rest.trace.firstReceivedAt));
  const names = dictionary();
  const services = dictionary();
  const processIds = dictionary();
  const offset = (time: string) => Number(BigInt(time) - base);
  const rowsWith = <T>(of: (span: SpanJson) => T | null): [number, T][] =>
    spans.flatMap((span, row) => {
      const value = of(span);
      return value === null ? [] : [[row, value] as [number, T]];
    });

  return {
    ...rest,
    baseUnixNano: String(base),
    spans: {
      count: spans.length,
      ids: spans.map((span) => span.spanId).join(""),
      depth: spans.map((span) => span.depth),
      name: spans.map((span) => names.indexOf(span.name)),
      service: spans.map((span) => services.indexOf(span.service)),
      process: spans.map((span) => (span.processId === null ? -1 : processIds.indexOf(span.processId))),
      kind: spans.map((span) => SPAN_KINDS.indexOf(span.kind)).join(""),
      status: spans.map((span) => STATUS_CODES.indexOf(span.statusCode)).join(""),
      state: spans.map((span) => SPAN_STATES.indexOf(span.state)).join(""),
      start: spans.map((span) => offset(span.startTimeUnixNano)),
      duration: spans.map((span) =>
        span.endTimeUnixNano === null ? 0 : Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)),
      ),
      open: spans.flatMap((span, row): [number, number | null][] =>
        span.endTimeUnixNano === null ? [[row, span.lastActivityUnixNano === null ? null : offset(span.lastActivityUnixNano)]] : [],
      ),
      logs: rowsWith((span) => span.logCount || null),
      variants: rowsWith((span) => span.variant || null),
      marks: rowsWith((span) => (span.marks.length > 0 ? span.marks : null)),
      cycleCuts: spans.flatMap((span, row) => (span.cycleCut ? [row] : [])),
    },
    names: names.values,
    services: services.values,
    processIds: processIds.values,
  };
}

/** Doubles count ns exactly for 104 days. */
const EXACT_MS = 100 * 86_400_000;

/**
 * The earliest start, but not one that lies absurdly far before its arrival: a clock at 1970 would cost all other times their last digits.
 */
function baseOf(spans: readonly SpanJson[], firstReceivedMs: number): bigint {
  const sane = BigInt(Math.max(0, firstReceivedMs - EXACT_MS)) * 1_000_000n;
  let base: bigint | null = null;
  for (const span of spans) {
    const start = BigInt(span.startTimeUnixNano);
    if (start > sane && (base === null || start < base)) base = start;
  }
  return base ?? BigInt(spans[0]?.startTimeUnixNano ?? 0);
}

function dictionary() {
  const values: string[] = [];
  const byValue = new Map<string, number>();
  return {
    values,
    indexOf(value: string): number {
      let index = byValue.get(value);
      if (index === undefined) {
        index = values.push(value) - 1;
        byValue.set(value, index);
      }
      return index;
    },
  };
}
