import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTracesRequest } from "@/scripts/bench/payload";
import { looksInterleaved } from "./interleaved";
import { decodeLogsJson, decodeMetricsJson, decodeTracesJson } from "./json";
import { MalformedBody } from "./malformed-body";
import { decodeLogs, decodeMetrics, decodeTraces } from "./protobuf";
import { anyLogsRequest, anyTracesRequest } from "./testing/arbitrary";
import { DICTIONARY, diceOf, mutate, mutateInside } from "./testing/mutate";
import { attributesOf, encode, logsRequest, tracesRequest } from "./testing/requests";
import { logRows, spanRows } from "./testing/rows";
import { decodeZipkin } from "./zipkin";

/**
 * Whatever arrives, decoding gives a batch whose every offset is in range and whose every text is text, or MalformedBody; never another
 * exception, never a hang. Seeded, so that a failure can be repeated: the message names the body in base64.
 */
const SEED = 20261123;
const BODIES = { protobuf: 8_000, inside: 8_000, json: 4_000, exchanged: 3_000, gzip: 3_000 };
/** One body takes far below a millisecond; a slow machine is forgiven, a loop that never ends is not. */
const LONGEST_MS = 2_000;

const sample = (arbitrary: fc.Arbitrary<Uint8Array>) =>
  fc.sample(arbitrary, { numRuns: 40, seed: SEED }).map((bytes) => Buffer.from(bytes));
const SPAN = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  name: "n",
  startTimeUnixNano: "1",
  endTimeUnixNano: "2",
};
const EVERY_KEY = attributesOf(Object.fromEntries(DICTIONARY.map((word) => [word.toString(), "x"])));

const TRACES = [
  ...sample(anyTracesRequest),
  makeTracesRequest({ spans: 12, traces: 2, seed: 1, now: 1.7e12 }),
  Buffer.from(
    tracesRequest([
      {
        parent_span_id: "1".repeat(16),
        attributes: [...attributesOf({ "logfire.span_type": "pending_span", "logfire.pending_parent_id": "2".repeat(16) }), ...EVERY_KEY],
      },
    ]),
  ),
  Buffer.from(
    tracesRequest([{ attributes: attributesOf({ "logfire.span_type": "log", "logfire.msg": "m" }), events: [{ name: "exception" }] }]),
  ),
];
const HEARTBEAT_BODIES = [
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [SPAN] }] }] }),
  Buffer.from(tracesRequest([{}])).toString("base64"),
];
const LOGS = [
  ...sample(anyLogsRequest),
  ...HEARTBEAT_BODIES.map((body) =>
    Buffer.from(
      logsRequest([
        { body: { string_value: body }, attributes: attributesOf({ "partial.event": "heartbeat", "partial.frequency": "5s" }) },
      ]),
    ),
  ),
];
const METRICS = [
  Buffer.from(
    encode("ExportMetricsServiceRequest", {
      resource_metrics: [
        {
          scope_metrics: [
            { metrics: [{ name: "otel.sdk.span.live", sum: { data_points: [{ as_int: "1", attributes: EVERY_KEY }, { as_double: 2 }] } }] },
          ],
        },
      ],
    }),
  ),
];
const JSON_BODIES = [
  {
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "s" } }] },
        scopeSpans: [
          {
            scope: { name: "l" },
            spans: [
              SPAN,
              {
                ...SPAN,
                kind: 2,
                attributes: [{ key: "__proto__", value: { arrayValue: { values: [{ intValue: "1" }] } } }],
                events: [{ name: "e" }],
                links: [SPAN],
                status: { code: 2 },
              },
            ],
          },
        ],
      },
    ],
  },
  {
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                body: { kvlistValue: { values: [{ key: "then", value: {} }] } },
                attributes: [{ key: "partial.event", value: { stringValue: "stop" } }],
              },
            ],
          },
        ],
      },
    ],
  },
  { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "otel.sdk.x", gauge: { dataPoints: [{ asInt: 1 }] } }] }] }] },
  [
    {
      traceId: "1",
      id: "2",
      timestamp: 5,
      duration: 7,
      tags: { __proto__: 1 },
      annotations: [{ timestamp: 1, value: "brave.flush" }],
      localEndpoint: { serviceName: "z" },
    },
  ],
].map((value) => Buffer.from(JSON.stringify(value)));

const PROTOBUF_DECODERS = [decodeTraces, decodeLogs, decodeMetrics];
const JSON_DECODERS = [decodeTracesJson, decodeLogsJson, decodeMetricsJson, decodeZipkin];

interface Tally {
  decoded: number;
  refused: number;
  records: number;
  slowestMs: number;
}

function feed(body: Buffer, decoders: readonly ((body: Uint8Array) => unknown)[], tally: Tally): void {
  for (const decode of decoders) {
    const before = performance.now();
    try {
      tally.records += look(decode(body));
      tally.decoded++;
    } catch (error) {
      if (!(error instanceof MalformedBody)) throw new Error(`${decode.name} of ${body.toString("base64")}`, { cause: error });
      tally.refused++;
    }
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - before);
  }
}

/** Reads all of what was decoded; the rows throw when anything is out of range. */
function look(decoded: unknown): number {
  const batch = decoded as ReturnType<typeof decodeTraces>;
  for (const resource of batch.resources) expect(resource.attributes.length).toBeLessThanOrEqual(1024);
  if (!("spans" in batch)) return 0;
  expect(batch.rejectedCount).toBeGreaterThanOrEqual(batch.rejections.length);
  return spanRows(batch).length + logRows(batch).length;
}

function run(
  bodies: number,
  corpus: readonly Buffer[],
  decoders: readonly ((body: Uint8Array) => unknown)[],
  change: typeof mutate = mutate,
  prepare = (body: Buffer): Buffer => body,
): Tally {
  const dice = diceOf(SEED);
  const tally = { decoded: 0, refused: 0, records: 0, slowestMs: 0 };
  for (let i = 0; i < bodies; i++) {
    const body = prepare(change(dice.pick(corpus), dice, corpus));
    feed(body, decoders, tally);
  }
  return tally;
}

describe("mutated bodies bring records or a refusal, never anything else", () => {
  test("protobuf", () => {
    const corpus = [...TRACES, ...LOGS, ...METRICS];
    const tally = run(BODIES.protobuf, corpus, PROTOBUF_DECODERS);
    // Both outcomes must be common, or the mutations say little.
    expect(tally.decoded).toBeGreaterThan(BODIES.protobuf / 5);
    expect(tally.refused).toBeGreaterThan(BODIES.protobuf / 5);
    expect(tally.records).toBeGreaterThan(BODIES.protobuf / 10);
    expect(tally.slowestMs).toBeLessThan(LONGEST_MS);
  });

  test("protobuf damaged deep inside, its frame intact", () => {
    const tally = run(BODIES.inside, [...TRACES, ...LOGS, ...METRICS], PROTOBUF_DECODERS, mutateInside);
    expect(tally.records).toBeGreaterThan(BODIES.inside);
    expect(tally.refused).toBeGreaterThan(BODIES.inside / 10);
    expect(tally.slowestMs).toBeLessThan(LONGEST_MS);
  });

  test("JSON", () => {
    const tally = run(BODIES.json, JSON_BODIES, JSON_DECODERS);
    expect(tally.refused).toBeGreaterThan(BODIES.json);
    expect(tally.records).toBeGreaterThan(BODIES.json / 20);
    expect(tally.slowestMs).toBeLessThan(LONGEST_MS);
  });

  test("JSON whose values were exchanged, so that it still parses", () => {
    const dice = diceOf(SEED);
    const odd = [null, true, -1, 1e300, "", "x", [], {}, [null], { stringValue: 5 }, "9".repeat(30), { values: "x" }, [[[]]]];
    const exchange = (value: unknown): unknown => {
      if (dice.below(14) === 0) return dice.pick(odd);
      if (Array.isArray(value)) return value.map(exchange);
      return value !== null && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, exchange(inner)]))
        : value;
    };
    const tally = { decoded: 0, refused: 0, records: 0, slowestMs: 0 };
    for (let i = 0; i < BODIES.exchanged; i++)
      feed(Buffer.from(JSON.stringify(exchange(JSON.parse(dice.pick(JSON_BODIES).toString())))), JSON_DECODERS, tally);
    expect(tally.records).toBeGreaterThan(BODIES.exchanged / 10);
    expect(tally.slowestMs).toBeLessThan(LONGEST_MS);
  });

  test("gzip framing", () => {
    const packed = TRACES.map((body) => gzipSync(body));
    let unpacked = 0;
    const tally = run(BODIES.gzip, packed, PROTOBUF_DECODERS, mutate, (body) => {
      expect(looksInterleaved(body)).toBe(false);
      try {
        const inflated = gunzipSync(body, { maxOutputLength: 1 << 20 });
        unpacked++;
        return inflated;
      } catch {
        // zlib saw it; nothing for the decoder to do. Without zlib between, the bytes are no OTLP either.
        return body;
      }
    });
    expect(unpacked).toBeGreaterThan(50);
    expect(tally.refused).toBeGreaterThan(BODIES.gzip);
  });
});

test("of a request in which one span is damaged inside its id, all others are stored", () => {
  const names = Array.from({ length: 50 }, (_, i) => `span ${i}`);
  const dice = diceOf(SEED);
  for (let round = 0; round < 200; round++) {
    const damaged = dice.below(names.length);
    const size = dice.pick([0, 1, 7, 9, 15, 17, 200]);
    const spans = names.map((name, i) => (i === damaged ? { name, span_id: "ab".repeat(size) } : { name }));
    const batch = decodeTraces(tracesRequest(spans));
    expect(batch.rejectedCount).toBe(1);
    expect(spanRows(batch).map(({ name }) => name)).toEqual(names.filter((_, i) => i !== damaged));
  }
});

test("a body of a million empty spans, scopes or resources ends in an answer, not in the memory of the machine", () => {
  const nest = (content: Buffer, field: number, times: number) => {
    const one = Buffer.concat([Buffer.from([field * 8 + 2, content.length]), content]);
    return Buffer.concat(Array.from({ length: times }, () => one));
  };
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]);
  const wrap = (content: Buffer) => Buffer.concat([Buffer.from([10, ...varint(content.length)]), content]);
  const inScope = (content: Buffer) => Buffer.concat([Buffer.from([18, ...varint(content.length)]), content]);
  const empty = Buffer.alloc(0);
  expect(decodeTraces(wrap(inScope(nest(empty, 2, 1_000_000))))).toMatchObject({ rejectedCount: 1_000_000, rejections: { length: 64 } });
  expect(decodeTraces(nest(empty, 1, 1_000_000))).toMatchObject({ resources: [], scopes: [] });
  expect(decodeTraces(wrap(nest(empty, 2, 1_000_000))).scopes).toEqual([]);
  expect(() => decodeTraces(wrap(nest(nest(empty, 2, 1), 2, 200_000)))).toThrow("too many scopes in one request");
});
