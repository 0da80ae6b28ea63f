import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeLogs, decodeTraces } from "@/lib/otlp/protobuf";
import { logsRequest, tracesRequest } from "@/lib/otlp/testing/requests";
import { TraceSummer } from "./trace-summer";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const time = (high: number | undefined, low: number | undefined, isNone: number | undefined) =>
  isNone ? null : (BigInt(high ?? 0) << 32n) | BigInt(low ?? 0);

/** What the sums say, by trace id. */
function sumsOf(summer: TraceSummer) {
  const sums = summer.result();
  return Object.fromEntries(
    Array.from({ length: sums.count }, (_, i) => [
      hex(sums.ids.subarray(i * 16, i * 16 + 16)),
      {
        start: time(sums.startHigh[i], sums.startLow[i], sums.noStart[i]),
        end: time(sums.endHigh[i], sums.endLow[i], sums.noEnd[i]),
        ends: sums.ends[i],
        errors: sums.errors[i],
        logs: sums.logs[i],
        services: sums.services[i],
        firstMs: sums.firstMs[i],
        lastMs: sums.lastMs[i],
      },
    ]),
  );
}

const SPAN_ID = "00f067aa0ba902b7";
const someTime = fc.oneof(fc.bigInt(1n, 1n << 62n), fc.constantFrom(0n, 1n << 63n, (1n << 64n) - 1n));

test("sums of any spans, in any order, over any number of requests, are those of adding them up one by one", () => {
  const span = fc.record({ trace: fc.nat(40), start: someTime, end: fc.bigInt(1n, 1n << 62n), isError: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.array(span, { maxLength: 60 }), { minLength: 1, maxLength: 5 }), (requests) => {
      const summer = new TraceSummer();
      const expected: ReturnType<typeof sumsOf> = {};
      for (const [i, spans] of requests.entries()) {
        const receivedMs = 1_000 + i;
        const fields = spans.map(({ trace, start, end, isError }) => ({
          trace_id: (trace + 1).toString(16).padStart(32, "0"),
          span_id: SPAN_ID,
          start_time_unix_nano: String(start),
          end_time_unix_nano: String(end),
          status: { code: isError ? 2 : 0 },
        }));
        const batch = decodeTraces(tracesRequest(fields));
        summer.add(
          batch,
          batch.resources.map((resource) => resource.service),
          receivedMs,
        );
        for (const { trace, start, end, isError } of spans) {
          const id = (trace + 1).toString(16).padStart(32, "0");
          const sum = expected[id] ?? {
            start: null,
            end: null,
            ends: 0,
            errors: 0,
            logs: 0,
            services: ["shop"],
            firstMs: receivedMs,
            lastMs: receivedMs,
          };
          expected[id] = sum;
          // What was never set, or lies beyond 2262, is no time to begin at.
          if (start > 0n && start < 1n << 63n && (sum.start === null || start < sum.start)) sum.start = start;
          if (sum.end === null || end > sum.end) sum.end = end;
          sum.ends = (sum.ends ?? 0) + 1;
          sum.errors = (sum.errors ?? 0) + (isError ? 1 : 0);
          sum.lastMs = receivedMs;
        }
      }
      expect(sumsOf(summer)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test("thousands of traces keep their sums apart while the table grows", () => {
  const summer = new TraceSummer();
  const ids = Array.from({ length: 5_000 }, (_, i) => `ffffffff${(i + 1).toString(16).padStart(24, "0")}`);
  for (const half of [ids.slice(0, 2_500), ids.slice(2_000)]) {
    const batch = decodeTraces(tracesRequest(half.map((trace_id) => ({ trace_id, span_id: SPAN_ID }))));
    summer.add(batch, ["shop"], 7);
  }
  const sums = sumsOf(summer);
  expect(Object.keys(sums)).toHaveLength(5_000);
  for (const [i, id] of ids.entries()) expect(sums[id]?.ends).toBe(i >= 2_000 && i < 2_500 ? 2 : 1);
});

test("the first record without a parent names the root; log records count for the trace they name, and for no other", () => {
  const trace_id = "0af7651916cd43dd8448eb211c80319c";
  const summer = new TraceSummer();
  const spans = decodeTraces(
    tracesRequest([
      { trace_id, span_id: "1111111111111111", parent_span_id: "2222222222222222", name: "child" },
      { trace_id, span_id: "2222222222222222", name: "the root" },
      { trace_id, span_id: "3333333333333333", name: "another root" },
    ]),
  );
  expect(summer.add(spans, ["shop"], 1)).toEqual([{ spans: 3, logs: 0, errors: 0, trimmed: 0 }]);
  const logs = decodeLogs(logsRequest([{ trace_id, time_unix_nano: "5" }, { time_unix_nano: "6" }], { "service.name": "worker" }));
  expect(summer.add(logs, ["worker"], 2)).toEqual([{ spans: 0, logs: 2, errors: 0, trimmed: 0 }]);
  const { count, rootName, rootSpanId, rootService, services, logs: logCounts } = summer.result();
  expect(count).toBe(1);
  expect(Buffer.from(rootName[0] as Uint8Array).toString()).toBe("the root");
  expect(hex(rootSpanId[0] as Uint8Array)).toBe("2222222222222222");
  expect([rootService[0], services[0], logCounts[0]]).toEqual(["shop", ["shop", "worker"], 1]);
});
