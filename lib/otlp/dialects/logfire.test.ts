import { describe, expect, test } from "vitest";
import { decodeTraces } from "../protobuf";
import { attributesOf, tracesRequest } from "../testing/requests";
import { logRows, spanRows } from "../testing/rows";

const REAL = "b7ad6b7169203331";
const PARENT = "00f067aa0ba902b7";
const OWN = "1111111111111111";

const pending = (fields: Record<string, unknown> = {}, attributes: Record<string, unknown> = {}) => ({
  span_id: OWN,
  parent_span_id: REAL,
  flags: 0x100,
  start_time_unix_nano: "1700000000000000000",
  end_time_unix_nano: "1700000000000000000",
  attributes: attributesOf({
    "logfire.msg": "job 1",
    "logfire.span_type": "pending_span",
    "logfire.pending_parent_id": PARENT,
    ...attributes,
  }),
  ...fields,
});

describe("Logfire's pending span", () => {
  test("is the start of its parent, under the parent that it names", () => {
    const [row] = spanRows(decodeTraces(tracesRequest([pending({ name: "job {n}", kind: 1 })])));
    expect(row).toMatchObject({
      spanId: REAL,
      parentSpanId: PARENT,
      phase: "start",
      dialect: "logfire-pending",
      name: "job {n}",
      kind: 1,
      start: 1700000000000000000n,
      end: 0n,
      flags: 0,
      marks: [],
    });
    expect(row?.attributes.map(({ key }) => key)).toContain("logfire.pending_parent_id");
  });

  test("has the real span's name, also from Logfire 2, which marks it behind the name", () => {
    const names = ["worker {number} (pending)", " (pending)", "pending", "a (pending) b", "repaired\0 (pending)"];
    const rows = spanRows(decodeTraces(tracesRequest(names.map((name) => pending({ name })))));
    expect(rows.map(({ name }) => name)).toEqual(["worker {number}", " (pending)", "pending", "a (pending) b", "repaired\u2400"]);
  });

  test.each([
    ["zeros", { "logfire.pending_parent_id": "0".repeat(16) }, null, []],
    ["upper case", { "logfire.pending_parent_id": "00F067AA0BA902B7" }, PARENT, []],
    ["no id at all", { "logfire.pending_parent_id": "abc" }, null, ["referenceInvalid"]],
    ["a number", { "logfire.pending_parent_id": 12 }, null, []],
  ])("whose real parent is %s", (_, attributes, parentSpanId, marks) => {
    const [row] = spanRows(decodeTraces(tracesRequest([pending({}, attributes)])));
    expect(row).toMatchObject({ spanId: REAL, parentSpanId, marks });
  });

  test("of a root, as Rust says it: without the attribute", () => {
    const [row] = spanRows(decodeTraces(tracesRequest([pending({ attributes: attributesOf({ "logfire.span_type": "pending_span" }) })])));
    expect(row).toMatchObject({ spanId: REAL, parentSpanId: null, phase: "start" });
  });

  test("that is its own parent starts itself", () => {
    const [row] = spanRows(decodeTraces(tracesRequest([pending({ span_id: REAL })])));
    expect(row).toMatchObject({ spanId: REAL, parentSpanId: PARENT, phase: "start" });
  });

  test("without a parent starts nothing: refused, the others stay", () => {
    const batch = decodeTraces(tracesRequest([pending({ parent_span_id: "" }), {}]));
    expect(batch.rejectedCount).toBe(1);
    expect(batch.rejections[0]).toMatchObject({ field: "parent_span_id", expected: expect.stringContaining("pending") });
    expect(spanRows(batch)).toMatchObject([{ name: "work", dialect: "otlp" }]);
  });

  test("keeps its place among thousands, ids behind the body included", () => {
    const spans = Array.from({ length: 2000 }, (_, i) => {
      const id = (i + 1).toString(16).padStart(16, "0");
      return i % 2
        ? { span_id: id }
        : pending({ parent_span_id: id }, { "logfire.pending_parent_id": (i + 9).toString(16).padStart(16, "0") });
    });
    const rows = spanRows(decodeTraces(tracesRequest(spans)));
    expect(rows.map(({ spanId }) => Number.parseInt(spanId, 16))).toEqual(spans.map((_, i) => i + 1));
    expect(rows[1000]).toMatchObject({ phase: "start", parentSpanId: (1009).toString(16).padStart(16, "0") });
  });
});

describe("Logfire's log", () => {
  const log = (attributes: Record<string, unknown>, fields: Record<string, unknown> = {}) => ({
    span_id: OWN,
    parent_span_id: REAL,
    name: "step {i}",
    attributes: attributesOf({ "logfire.span_type": "log", ...attributes }),
    ...fields,
  });

  test("is a log record of the span it was written in, and no span", () => {
    const batch = decodeTraces(
      tracesRequest([
        {},
        log({ "logfire.msg": "step 3", "logfire.msg_template": "step {i}", "logfire.level_num": 13, i: 3 }, { flags: 0x100 }),
        {},
      ]),
    );
    expect(spanRows(batch)).toHaveLength(2);
    expect(logRows(batch)).toMatchObject([
      {
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: REAL,
        message: "step 3",
        template: "step {i}",
        severityNumber: 13,
        time: 1700000000000000000n,
        flags: 0x100,
        body: null,
        service: "shop",
        scope: "lib",
      },
    ]);
    expect(logRows(batch)[0]?.attributes).toHaveLength(5);
  });

  test("without level is info, without message has its name, without parent stands by its trace", () => {
    const [row] = logRows(decodeTraces(tracesRequest([log({}, { parent_span_id: "" })])));
    expect(row).toMatchObject({ severityNumber: 9, message: "step {i}", template: null, spanId: null });
    expect(row?.traceId).not.toBeNull();
  });

  test("of an exception keeps it as attributes, as OpenTelemetry's logs have it", () => {
    const exception = { name: "exception", attributes: attributesOf({ "exception.type": "ValueError", "exception.stacktrace": "at …" }) };
    const [row] = logRows(decodeTraces(tracesRequest([log({ "logfire.level_num": 17 }, { events: [exception] })])));
    expect(row?.attributes.map(({ key }) => key)).toEqual([
      "logfire.span_type",
      "logfire.level_num",
      "exception.type",
      "exception.stacktrace",
    ]);
    expect(row?.marks).toEqual([]);
    const [other] = logRows(decodeTraces(tracesRequest([log({}, { events: [{ name: "note" }] })])));
    expect(other?.marks).toEqual(["eventsTruncated"]);
  });

  test("with a message of 100 kB is cut and says so", () => {
    const [row] = logRows(decodeTraces(tracesRequest([log({ "logfire.msg": "m".repeat(100_000) })])));
    expect([row?.message.length, row?.marks]).toEqual([65_536, ["attributesTruncated", "statusMessageTruncated"]]);
  });

  test("is told by its attribute alone: a span without length stays a span, `span` and unknown types too", () => {
    const rows = spanRows(
      decodeTraces(
        tracesRequest([
          { end_time_unix_nano: "1700000000000000000" },
          { attributes: attributesOf({ "logfire.span_type": "span" }) },
          { attributes: attributesOf({ "logfire.span_type": "later_invention" }) },
        ]),
      ),
    );
    expect(rows.map(({ phase, dialect }) => [phase, dialect])).toEqual(Array.from({ length: 3 }, () => ["end", "otlp"]));
  });
});
