import { expect, test } from "vitest";
import { parsePasted, traceHref } from "./pasted";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test.each([
  ["a bare id", TRACE, null],
  ["an id in capitals with blanks", `  ${TRACE.toUpperCase()}\n`, null],
  ["a UUID", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", null],
  ["a traceparent header", `traceparent: 00-${TRACE}-${SPAN}-01`, SPAN],
  ["a Jaeger address", `http://jaeger:16686/trace/${TRACE}?uiFind=x`, null],
  ["a JSON log line", `{"msg":"x","trace_id":"${TRACE}","span_id":"${SPAN}"}`, SPAN],
  ["a text log line", `INFO trace_id=${TRACE} span_id=${SPAN} hello`, SPAN],
])("the trace is found in %s", (_, text, spanId) => {
  expect(parsePasted(text)).toEqual({ traceId: TRACE, spanId });
});

test.each(["", "hello", "4bf92f3577b34da6", `${TRACE}ff`, "0".repeat(32)])("%j leads nowhere", (text) => {
  expect(parsePasted(text)).toBeNull();
});

test("a span is kept in the address", () => {
  expect(traceHref({ traceId: TRACE, spanId: SPAN })).toBe(`/traces/${TRACE}?span=${SPAN}`);
});
