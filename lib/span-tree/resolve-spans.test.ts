import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MARKS, type Span, type SpanRecord } from "@/lib/otel/span";
import { msOf, unixNanoOfMs } from "@/lib/otel/time";
import { drawLogs, drawRecords, drawTrace } from "@/lib/testing/draw-trace";
import { ownIdOf, spanIdOf, spanRecord, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { decidingRecord, needsLogs, resolveSpans } from "./resolve-spans";

const at = (ms: number) => unixNanoOfMs(TEST_EPOCH_MS + ms);
const endOf = (spans: Span[], label: string) => {
  const end = spans.find((span) => span.spanId === spanIdOf(label))?.endTimeUnixNano ?? null;
  return end === null ? null : msOf(end) - TEST_EPOCH_MS;
};

describe("one span from its reports", () => {
  test("a span whose start arrives after its end stays ended", () => {
    const spans = drawTrace(`
      job  |----|      no-start
      job  |.          late=50
    `);
    expect(spans).toHaveLength(1);
    expect(endOf(spans, "job")).toBe(5);
    expect(spans[0]?.records.map((record) => record.phase)).toEqual(["end", "start"]);
  });

  test("a heartbeat after the end does not reopen the span", () => {
    expect(endOf(drawTrace("job |----|\njob |.......+"), "job")).toBe(5);
  });

  test("the end's name, status and parent win; the process stays the one that started it", () => {
    const [span] = resolveSpans([
      spanRecord({ spanId: "00000000000000aa", phase: "start", name: "GET", processId: "1", service: "web" }),
      spanRecord({
        spanId: "00000000000000aa",
        name: "GET /cart",
        statusCode: "error",
        statusMessage: "no",
        parentSpanId: "00000000000000bb",
      }),
    ]);
    expect(span).toMatchObject({
      name: "GET /cart",
      statusCode: "error",
      statusMessage: "no",
      parentSpanId: "00000000000000bb",
      processId: "1",
      service: "web",
    });
  });

  test("an open span shows what its latest heartbeat says", () => {
    const [span] = resolveSpans([
      spanRecord({ spanId: "00000000000000aa", phase: "heartbeat", name: "second", receivedMs: 20 }),
      spanRecord({ spanId: "00000000000000aa", phase: "heartbeat", name: "first", receivedMs: 10 }),
    ]);
    expect(span).toMatchObject({ name: "second", endTimeUnixNano: null });
  });

  test("a batch that was sent again counts once, heartbeats count each", () => {
    const records = drawRecords("job |..+..+\ncall |--|");
    const again = records.map((record) => ({ ...record, requestId: `${record.requestId}9`, receivedMs: record.receivedMs + 1000 }));
    const spans = resolveSpans([...again, ...records, ...records]);
    expect(spans.map((span) => span.records.map((record) => record.phase).join(" ")).sort()).toEqual([
      "start end",
      "start heartbeat heartbeat heartbeat heartbeat",
    ]);
    expect(spans.every((span) => (span.records[0]?.receivedMs ?? 0) < TEST_EPOCH_MS + 1000)).toBe(true);
  });

  test("the end of a span that a janitor closed gives way to its program's own, though that is earlier", () => {
    const spans = resolveSpans([
      spanRecord({ name: "job", endTimeUnixNano: at(900), marks: MARKS.closedByJanitor }),
      spanRecord({ name: "job", endTimeUnixNano: at(30) }),
    ]);
    expect(endOf(spans, "job")).toBe(30);
    expect(spans[0]?.marks).toBe(0);
  });

  test("an end in the year 2554 gives way to one that can be true", () => {
    const spans = resolveSpans([
      spanRecord({ name: "job", endTimeUnixNano: (1n << 64n) - 1n, marks: MARKS.timeBeyond2262 }),
      spanRecord({ name: "job", endTimeUnixNano: at(30) }),
    ]);
    expect(endOf(spans, "job")).toBe(30);
  });
});

describe("ends that forked copies sent (wire.md L5, L9)", () => {
  const FORK = `
    render          |-------------------------|   @parent
      fan out         |...                        @parent
        tile#1          |---|                     @child-1  request=bye-1
        tile#2          |-------|                 @child-2  request=bye-2
    render          |--------|                    @parent no-start request=bye-1 connection=child-1
    render          |------------|                @parent no-start request=bye-2 connection=child-2
    fan out           |------|                    @parent no-start request=bye-1 connection=child-1
  `;

  test("the latest end is the true one when every copy ended earlier", () => {
    const spans = drawTrace(FORK);
    expect(endOf(spans, "render")).toBe(26);
    expect(decidingRecord(spans.find((span) => span.name === "render") as Span)?.requestId).not.toBe(ownIdOf("request bye-2"));
  });

  test("the parent's own end wins over a later one that a forked daemon sent", () => {
    const spans = drawTrace(`
      serve     |------|                      @parent
        daemon    |-----------------|         @child request=bye
      serve     |-----------------------|     @parent no-start request=bye connection=child
    `);
    expect(endOf(spans, "serve")).toBe(7);
  });

  test("an end alone in its request, but on the child's connection, gives way too", () => {
    const spans = drawTrace(`
      serve     |------|                      @parent
        daemon    |-----------------|         @child
      serve     |-----------------------|     @parent no-start connection=child
    `);
    expect(endOf(spans, "serve")).toBe(7);
  });

  test("a copy's end is believed until the parent is seen at work after it, then the span is open again", () => {
    const fork = `
      render           |.                       @parent
        tile             |------|               @child request=bye
      render           |---------|              @parent no-start request=bye connection=child
    `;
    expect(endOf(drawTrace(fork), "render")).toBe(10);
    const spans = drawTrace(`${fork}
      render           |.                       @parent
        compose                         |----|  @parent
    `);
    expect(endOf(spans, "render")).toBeNull();
    expect(endOf(spans, "compose")).not.toBeNull();
    expect(decidingRecord(spans.find((span) => span.name === "render") as Span)).toBeNull();
  });

  test("one log record of the parent after the copy's end opens the span again", () => {
    const drawing = `
      render           |...................*..  @parent
        tile             |------|               @child request=bye
      render           |---------|              @parent no-start request=bye connection=child
    `;
    const records = drawRecords(drawing);
    expect(needsLogs(resolveSpans(records))).toBe(true);
    expect(endOf(resolveSpans(records), "render")).toBe(10);
    expect(endOf(resolveSpans(records, drawLogs(drawing)), "render")).toBeNull();
  });

  test("background work that begins after its parent's own end does not reopen the parent", () => {
    const spans = drawTrace(`
      request   |------|               @web
        email            |------|      @web
    `);
    expect(endOf(spans, "request")).toBe(7);
    expect(needsLogs(spans)).toBe(false);
  });

  test("a relay that mixes processes in its requests takes no end away", () => {
    const spans = drawTrace(
      `
      request   |-----------|          @web  request=batch-1 connection=relay
        query     |---|                @db   request=batch-1 connection=relay
        email                   |---|  @web  request=batch-2 connection=relay
    `,
      { starts: false },
    );
    expect(endOf(spans, "request")).toBe(12);
  });
});

describe("one id, several spans (wire.md P12)", () => {
  const variantsOf = (spans: Span[], label: string) =>
    spans.filter((span) => span.spanId === spanIdOf(label)).map((span) => [span.variant, span.name, span.records.length]);

  test("workers with cloned generators give one span each, not one with three ends", () => {
    const spans = drawTrace(`
      oslo    |---|                @worker-1
      lima         |---|           @worker-2 id=oslo
      cairo             |...       @worker-3 id=oslo
    `);
    expect(variantsOf(spans, "oslo")).toEqual([
      [0, "oslo", 2],
      [1, "lima", 2],
      [2, "cairo", 1],
    ]);
    expect(spans.map((span) => span.endTimeUnixNano === null)).toEqual([false, false, true]);
  });

  test("clones of the same name in other processes, and one after the other in one process, are spans of their own", () => {
    const spans = drawTrace(`
      job     |---|                @worker-1
      job       |------|           @worker-2
      job            |---|         @worker-1
      job                 |..      @worker-1
    `);
    expect(variantsOf(spans, "job").map(([, , records]) => records)).toEqual([2, 2, 2, 1]);
  });

  test("a span that was renamed while it ran is one span", () => {
    const spans = drawTrace(`
      GET         |......          @web
      GET /cart   |-----|          @web id=GET no-start
    `);
    expect(variantsOf(spans, "GET")).toEqual([[0, "GET /cart", 2]]);
  });

  test("the two sides of a Zipkin call share an id and stay two spans", () => {
    const spans = drawTrace(
      `
      get    |-------|             @web client
      get      |--|                @db server
    `,
      { starts: false },
    );
    expect(spans.map((span) => [span.variant, span.kind])).toEqual([
      [0, "client"],
      [1, "server"],
    ]);
    const sameStart = drawTrace(
      `
      get    |-------|             @db server
      get    |-------|             @web client
    `,
      { starts: false },
    );
    expect(sameStart.map((span) => [span.variant, span.kind])).toEqual([
      [0, "client"],
      [1, "server"],
    ]);
  });

  test("a Zipkin span reported without its start is the one that is reported with it later", () => {
    const spans = resolveSpans([
      spanRecord({ name: "job", phase: "start", dialect: "zipkin", startTimeUnixNano: 0n, marks: MARKS.startTimeZero }),
      spanRecord({ name: "job", dialect: "zipkin" }),
    ]);
    expect(spans).toHaveLength(1);
    expect(endOf(spans, "job")).toBe(10);
    expect(spans[0]?.startTimeUnixNano).toBe(at(0));
  });
});

describe("whatever comes, in whatever order", () => {
  const few = <T>(...values: T[]) => fc.constantFrom(...values);
  const record: fc.Arbitrary<SpanRecord> = fc
    .record({
      spanId: few("000000000000000a", "000000000000000b", "000000000000000c"),
      parentSpanId: few(null, "000000000000000a", "000000000000000b", "000000000000000f"),
      phase: few("start" as const, "heartbeat" as const, "end" as const),
      name: few("x", "y", ""),
      kind: few("internal" as const, "client" as const, "server" as const),
      start: few(0, 10, 20, 30),
      end: few(15, 25, 35, 45),
      receivedMs: few(40, 41, 42, 43),
      requestId: few("1", "2", "3"),
      connectionId: few("1", "2"),
      processId: few("7", "8"),
      marks: few(0, MARKS.closedByJanitor),
    })
    .map(({ start, end, ...said }) =>
      spanRecord({ ...said, startTimeUnixNano: start === 0 ? 0n : at(start), endTimeUnixNano: said.phase === "end" ? at(end) : null }),
    );
  const inOneOrder = (spans: Span[]) =>
    [...spans].sort((a, b) => (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : a.variant - b.variant));

  test("the spans are the same for any order and any repetition of the reports", () => {
    fc.assert(
      fc.property(
        fc
          .array(record, { maxLength: 14 })
          .chain((records) =>
            fc.tuple(
              fc.constant(records),
              fc.shuffledSubarray([...records, ...records], { minLength: records.length * 2 }),
              fc.array(few(...records, ...(records.length ? [] : [spanRecord()])), { maxLength: records.length ? 5 : 0 }),
            ),
          ),
        ([records, shuffled, more]) => {
          expect(inOneOrder(resolveSpans([...shuffled, ...more]))).toEqual(inOneOrder(resolveSpans(records)));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("every report belongs to exactly one span of its id", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(record, {
          maxLength: 14,
          selector: (one) => JSON.stringify(one, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
        }),
        (records) => {
          const held = resolveSpans(records).flatMap((span) => span.records.map((one) => ({ one, of: span.spanId })));
          expect(held.every(({ one, of }) => one.spanId === of)).toBe(true);
          expect(new Set(held.map(({ one }) => one)).size).toBe(held.length);
          const content = ({ requestId, connectionId: _c, receivedMs: _r, ...said }: SpanRecord) =>
            JSON.stringify(said.phase === "heartbeat" ? { ...said, requestId } : said, (_, value) =>
              typeof value === "bigint" ? `${value}` : value,
            );
          expect(new Set(held.map(({ one }) => content(one)))).toEqual(new Set(records.map(content)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
