import { describe, expect, test } from "vitest";
import { BackwardWriter } from "@/lib/otel/wire";
import { DEFAULT_LIMITS } from "./limits";
import { MalformedBody } from "./malformed-body";
import { decodeLogs, decodeMetrics, decodeTraces } from "./protobuf";
import { attributesOf, encode, logsRequest, tracesRequest } from "./testing/requests";
import { logRows, spanRows } from "./testing/rows";

const one = (fields: Record<string, unknown>) => {
  const rows = spanRows(decodeTraces(tracesRequest([fields])));
  expect(rows).toHaveLength(1);
  return rows[0]!;
};

describe("a span comes through whole", () => {
  test("with every field it has", () => {
    const row = one({
      parent_span_id: "00f067aa0ba902b7",
      trace_state: "ot=th:c",
      kind: 2,
      flags: 0x301,
      attributes: attributesOf({ "http.route": "/", retries: 3, ratio: 0.5, ok: true, list: ["a", 1], raw: new Uint8Array([0, 255]) }),
      dropped_attributes_count: 1,
      events: [{ time_unix_nano: "5", name: "exception", attributes: attributesOf({ "exception.type": "E" }) }],
      dropped_events_count: 2,
      links: [{ trace_id: Buffer.alloc(16, 7), span_id: Buffer.alloc(8, 7), flags: 0x100 }],
      dropped_links_count: 4,
      status: { code: 2, message: "no" },
    });
    expect(row).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      parentSpanId: "00f067aa0ba902b7",
      phase: "end",
      dialect: "otlp",
      name: "work",
      kind: 2,
      flags: 0x301,
      traceState: "ot=th:c",
      statusCode: 2,
      statusMessage: "no",
      start: 1700000000000000000n,
      end: 1700000001000000000n,
      droppedCount: 7,
      service: "shop",
      scope: "lib",
      marks: [],
    });
    expect(row.attributes.map(({ key, value }) => [key, value.type])).toEqual([
      ["http.route", "string"],
      ["retries", "int"],
      ["ratio", "double"],
      ["ok", "bool"],
      ["list", "array"],
      ["raw", "bytes"],
    ]);
    expect(row.events).toEqual([
      {
        timeUnixNano: 5n,
        name: "exception",
        attributes: [{ key: "exception.type", value: { type: "string", value: "E" } }],
        droppedAttributesCount: 0,
      },
    ]);
    expect(row.links).toMatchObject([{ traceId: "07".repeat(16), spanId: "07".repeat(8), flags: 0x100 }]);
  });

  test("when the Collector writes the resource behind its spans and values before keys", () => {
    const writer = new BackwardWriter();
    // Backwards, so what is written first stands last.
    writer.text(3, "https://schema");
    const resourceEnd = writer.length;
    writer.text(1, "service.name");
    const valueEnd = writer.length;
    writer.text(1, "late");
    writer.close(2, valueEnd);
    writer.close(1, resourceEnd);
    writer.close(1, resourceEnd);
    const scopeEnd = writer.length;
    writer.text(1, "tracer");
    writer.close(1, scopeEnd);
    const spanEnd = writer.length;
    writer.bytes(1, Buffer.alloc(16, 1));
    writer.bytes(2, Buffer.alloc(8, 2));
    writer.fixed64(8, 9n);
    writer.fixed64(7, 8n);
    writer.text(5, "reversed");
    writer.close(2, spanEnd);
    writer.close(2, scopeEnd);
    writer.close(1, 0);
    const batch = decodeTraces(writer.finish());
    expect(spanRows(batch)).toMatchObject([{ name: "reversed", service: "late", scope: "tracer" }]);
    expect(batch.resources[0]).toMatchObject({ service: "late", schemaUrl: "https://schema" });
  });

  test("when its attributes, events and links do not stand together", () => {
    const writer = new BackwardWriter();
    const close = (field: number, write: () => void) => {
      const end = writer.length;
      write();
      writer.close(field, end);
    };
    const attribute = (key: string) => close(9, () => writer.text(1, key));
    close(2, () => {
      attribute("c");
      close(11, () => writer.text(2, "second"));
      writer.text(5, "torn");
      attribute("b");
      close(13, () => writer.bytes(1, Buffer.alloc(16, 3)));
      writer.bytes(2, Buffer.alloc(8, 2));
      close(11, () => writer.text(2, "first"));
      attribute("a");
      writer.bytes(1, Buffer.alloc(16, 1));
      close(13, () => writer.bytes(1, Buffer.alloc(16, 4)));
    });
    writer.close(2, 0);
    writer.close(1, 0);
    const [row] = spanRows(decodeTraces(writer.finish()));
    expect(row?.attributes.map(({ key }) => key)).toEqual(["a", "b", "c"]);
    expect(row?.events.map(({ name }) => name)).toEqual(["first", "second"]);
    expect(row?.links.map(({ traceId }) => traceId.slice(0, 2))).toEqual(["04", "03"]);
    expect(row?.marks).toContain("startTimeZero");
  });

  test("with keys that would harm an object", () => {
    const keys = ["__proto__", "constructor.prototype", "constructor", "toString", "then", "hasOwnProperty", "a.__proto__.b", ""];
    const row = one({
      attributes: keys.map((key) => ({ key, value: { kvlist_value: { values: [{ key, value: { string_value: key } }] } } })),
    });
    expect(row.attributes.map(({ key }) => key)).toEqual(keys);
    expect(row.attributes[0]?.value).toEqual({
      type: "kvlist",
      value: [{ key: "__proto__", value: { type: "string", value: "__proto__" } }],
    });
    expect(Object.prototype).not.toHaveProperty("__proto__.polluted");
  });

  test("with fields that OTLP does not know yet", () => {
    const writer = new BackwardWriter();
    writer.text(2000, "later");
    writer.varint64(300, 1n << 63n);
    const known = tracesRequest([{}]);
    writer.raw(known);
    expect(spanRows(decodeTraces(writer.finish()))).toHaveLength(1);
  });
});

describe("what is too much is cut and said", () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: { int_value: i } }));

  test("attributes beyond 1024", () => {
    const row = one({ attributes: many(1025) });
    expect(row.attributes).toHaveLength(1024);
    expect(row.attributes.at(-1)?.key).toBe("k1023");
    expect(row.marks).toEqual(["attributesTruncated"]);
    expect(one({ attributes: many(1024) }).marks).toEqual([]);
  });

  test("keys beyond 256 bytes, values beyond 64 KiB, without cutting a character in two", () => {
    const row = one({
      attributes: [
        ...attributesOf({ before: 1, ["é".repeat(200)]: "short", text: `${"x".repeat(65_535)}é`, raw: new Uint8Array(70_000).fill(7) }),
        {
          key: "list",
          value: {
            array_value: { values: [{ string_value: "y".repeat(60_000) }, { string_value: "z".repeat(60_000) }, { int_value: 1 }] },
          },
        },
        ...attributesOf({ after: 2 }),
      ],
    });
    const value = (key: string) => row.attributes.find((attribute) => attribute.key === key)?.value;
    expect(row.marks).toEqual(["attributesTruncated"]);
    expect(row.attributes.map(({ key }) => key)).toEqual(["before", "é".repeat(128), "text", "raw", "list", "after"]);
    expect(value("text")).toEqual({ type: "string", value: "x".repeat(65_535) });
    const raw = value("raw");
    expect(raw?.type === "bytes" && raw.value.length).toBe(65_536);
    const list = value("list");
    expect(list?.type === "array" && list.value[0]).toEqual({ type: "string", value: "y".repeat(60_000) });
    expect(list?.type === "array" && list.value.length).toBe(2);
    expect(value("after")).toEqual({ type: "int", value: "2" });
  });

  test("one thing too long among many that are not, whichever it is", () => {
    const marks = (attributes: Record<string, unknown>, limits = {}) =>
      spanRows(
        decodeTraces(tracesRequest([{ attributes: attributesOf({ a: 1, ...attributes, z: "z" }) }]), { ...DEFAULT_LIMITS, ...limits }),
      )[0]?.marks;
    const truncated = ["attributesTruncated"];
    expect(marks({ ["k".repeat(257)]: 1 })).toEqual(truncated);
    expect(marks({ ["k".repeat(256)]: 1 })).toEqual([]);
    expect(marks({ kkkkk: 1 }, { attributeKeyBytes: 4 })).toEqual(truncated);
    expect(marks({ k: "v".repeat(65_537) })).toEqual(truncated);
    expect(marks({ k: "v".repeat(65_536) })).toEqual([]);
    expect(marks({ k: "vvvvv" }, { attributeValueBytes: 4 })).toEqual(truncated);
    expect(marks({ k: [["vvvvv"]] }, { attributeValueBytes: 4 })).toEqual(truncated);
  });

  test("events and links beyond 1024, and what is too long inside one", () => {
    const events = Array.from({ length: 1025 }, (_, i) => ({ name: `e${i}` }));
    const links = Array.from({ length: 1030 }, () => ({ trace_id: Buffer.alloc(16, 1), span_id: Buffer.alloc(8, 1) }));
    const row = one({ events, links });
    expect([row.events.length, row.links.length, row.marks]).toEqual([1024, 1024, ["eventsTruncated", "linksTruncated"]]);
    const long = one({ events: [{ name: "n".repeat(2000), attributes: attributesOf({ stack: "s".repeat(70_000) }) }, { name: "next" }] });
    expect(long.events.map(({ name }) => name.length)).toEqual([1024, 4]);
    expect(long.events[0]?.attributes[0]?.value).toEqual({ type: "string", value: "s".repeat(65_536) });
    expect(long.marks).toEqual(["eventsTruncated"]);
  });

  test("names beyond 1 KiB and status messages", () => {
    const row = one({ name: "n".repeat(1_000_000), status: { code: 2, message: `${"m".repeat(1023)}é` } });
    expect([row.name.length, row.statusMessage?.length]).toEqual([1024, 1023]);
    expect(row.marks).toEqual(["nameTruncated", "statusMessageTruncated"]);
  });

  test("attributes of the resource, on every span of it", () => {
    const batch = decodeTraces(tracesRequest([{}, {}], { "service.name": "shop", big: "b".repeat(70_000) }));
    expect(spanRows(batch).map(({ marks }) => marks)).toEqual([["attributesTruncated"], ["attributesTruncated"]]);
    expect(batch.resources[0]?.attributes).toHaveLength(2);
    expect(batch.resources[0]?.attributesBytes.length).toBeLessThan(65_700);
  });

  test("at whatever limits are asked for", () => {
    const limits = { ...DEFAULT_LIMITS, attributesPerSpan: 2, nameBytes: 3, attributeValueBytes: 1 };
    const [row] = spanRows(decodeTraces(tracesRequest([{ attributes: attributesOf({ a: "xy", b: 1, c: 1 }) }]), limits));
    expect(row?.attributes).toEqual([
      { key: "a", value: { type: "string", value: "x" } },
      { key: "b", value: { type: "int", value: "1" } },
    ]);
    expect(row?.name).toBe("wor");
  });
});

describe("bad ids cost their span and no other", () => {
  test.each([
    ["no trace id", { trace_id: "" }, { field: "trace_id", value: "(empty)" }],
    ["a zero trace id", { trace_id: "00".repeat(16) }, { field: "trace_id", value: "00".repeat(16) }],
    ["a short trace id", { trace_id: "ab".repeat(8) }, { field: "trace_id", value: "ab".repeat(8) }],
    ["a zero span id", { span_id: "00".repeat(8) }, { field: "span_id", value: "00".repeat(8) }],
    ["a long span id", { span_id: "cd".repeat(40) }, { field: "span_id", value: `${"cd".repeat(32)}…` }],
  ])("%s", (_, fields, rejection) => {
    const batch = decodeTraces(tracesRequest([{ name: "before" }, fields, { name: "after" }]));
    expect(spanRows(batch).map(({ name }) => name)).toEqual(["before", "after"]);
    expect(batch.rejectedCount).toBe(1);
    expect(batch.rejections).toEqual([
      { signal: "span", expected: expect.stringMatching(/^\d+ bytes, not all of them zero$/), ...rejection },
    ]);
  });

  test("a zero or empty parent makes a root; one of wrong length too, and says so", () => {
    expect(one({ parent_span_id: "00".repeat(8) })).toMatchObject({ parentSpanId: null, marks: [] });
    expect(one({ parent_span_id: "" })).toMatchObject({ parentSpanId: null, marks: [] });
    expect(one({ parent_span_id: "abcd" })).toMatchObject({ parentSpanId: null, marks: ["referenceInvalid"] });
    expect(one({ parent_span_id: "0000000000000001" })).toMatchObject({ parentSpanId: "0000000000000001", marks: [] });
  });

  test("ten thousand of them are counted, a few are told", () => {
    const batch = decodeTraces(tracesRequest([...Array.from({ length: 10_000 }, () => ({ trace_id: "" })), {}]));
    expect([batch.rejectedCount, batch.rejections.length, batch.spans.count]).toEqual([10_000, 64, 1]);
  });
});

describe("odd text and odd times stay visible", () => {
  test("text that is no UTF-8, and NUL", () => {
    const writer = new BackwardWriter();
    const bytes = tracesRequest([
      { name: "AAAA", trace_state: "BBBB", status: { message: "CCCC" }, attributes: attributesOf({ KKKK: "VVVV" }) },
    ]);
    for (const [text, becomes] of [
      ["AAAA", [0x61, 0xff, 0x00, 0x62]],
      ["BBBB", [0xed, 0xa0, 0x80, 0x62]],
      ["CCCC", [0xf0, 0x9f, 0x98, 0x80]],
      ["KKKK", [0x6b, 0x00, 0xfe, 0x6b]],
    ] as const) {
      bytes.set(becomes, Buffer.from(bytes).indexOf(text));
    }
    writer.raw(bytes);
    const [row] = spanRows(decodeTraces(writer.finish()));
    expect(row).toMatchObject({ name: "a\ufffd\u2400b", traceState: "\ufffd\ufffd\ufffdb", statusMessage: "😀", marks: ["textRepaired"] });
    // Attributes are kept as they came: nothing is lost, reading them shows the damage.
    expect(row?.attributes[0]?.key).toBe("k\0\ufffdk");
  });

  test("a byte order mark is part of the text", () => {
    expect(one({ name: "\ufeffname" })).toMatchObject({ name: "\ufeffname", marks: [] });
  });

  test.each([
    ["the year 2554", { end_time_unix_nano: "18446744073709551615" }, ["timeBeyond2262"], 18446744073709551615n],
    ["an end before the start", { end_time_unix_nano: "1" }, ["endBeforeStart"], 1n],
    ["a start of zero", { start_time_unix_nano: "0" }, ["startTimeZero"], 1700000001000000000n],
    ["a start beyond an end in the low half", { start_time_unix_nano: "1700000001000000001" }, ["endBeforeStart"], 1700000001000000000n],
  ])("%s", (_, fields, marks, end) => {
    expect(one(fields)).toMatchObject({ marks, end });
  });

  test("kinds and codes that OTLP does not have are unspecified", () => {
    expect(one({ kind: 77, status: { code: 9 } })).toMatchObject({ kind: 0, statusCode: 0 });
    expect(one({ kind: -1 })).toMatchObject({ kind: 0 });
  });
});

describe("a body that is no such request is refused, and the place is named", () => {
  const malformed = (body: Uint8Array) => {
    try {
      decodeTraces(body);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedBody);
      return (error as Error).message;
    }
    return expect.fail("was accepted");
  };

  test("cut off in the middle of a name", () => {
    const body = tracesRequest([{}, { name: "the name of the second" }]);
    const cut = Buffer.from(body).indexOf("second");
    expect(malformed(body.subarray(0, cut))).toMatch(/^Not an OTLP body: length runs past the end at byte 0 \(resource_spans\[0\]\)$/);
    const lying = Uint8Array.from(body);
    lying[Buffer.from(body).indexOf("the name") - 1] = 120;
    expect(malformed(lying)).toMatch(/length runs past the end at byte \d+ \(resource_spans\[0\]\.scope_spans\[0\]\.spans\[1\]\.name\)$/);
  });

  test("wire types that do not exist, or not there", () => {
    expect(malformed(Uint8Array.from([0x0e]))).toContain("bad wire type 6 at byte 0");
    expect(malformed(Uint8Array.from([0x00, 0x00]))).toContain("bad field number at byte 0");
    expect(malformed(Uint8Array.from([0x08, 0x01]))).toContain("wrong wire type 0 at byte 0 (resource_spans[0])");
    const named = tracesRequest([{ name: "the name" }]);
    named.set([0x28, 1, 0x2a, 6], Buffer.from(named).indexOf("the name") - 2);
    expect(malformed(named)).toMatch(/wrong wire type 0 at byte \d+ \(resource_spans\[0\]\.scope_spans\[0\]\.spans\[0\]\.name\)$/);
    const body = tracesRequest([{ attributes: attributesOf({ key: "value" }) }]);
    body[Buffer.from(body).indexOf("value") - 2] = 0x0d;
    expect(malformed(body)).toMatch(/\(resource_spans\[0\]\.scope_spans\[0\]\.spans\[0\]\.attributes\[0\]\.value/);
  });

  test("values nested deeper than 64, however deep", () => {
    const nested = (depth: number): Uint8Array => {
      let value = new Uint8Array(0);
      for (let i = 0; i < depth; i++) {
        const writer = new BackwardWriter(value.length + 32);
        writer.bytes(1, value);
        writer.close(5, 0);
        value = writer.finish().slice();
      }
      const writer = new BackwardWriter();
      writer.bytes(2, value);
      writer.text(1, "deep");
      writer.close(9, 0);
      writer.bytes(2, Buffer.alloc(8, 1));
      writer.bytes(1, Buffer.alloc(16, 1));
      writer.close(2, 0);
      writer.close(2, 0);
      writer.close(1, 0);
      return writer.finish();
    };
    expect(spanRows(decodeTraces(nested(64)))).toHaveLength(1);
    expect(malformed(nested(65))).toMatch(/values nested deeper than 64 .*attributes\[0\]\.value/);
    expect(malformed(nested(10_000))).toContain("values nested deeper than 64");
  });

  test.each([
    ["a varint without end", [0x18, 0x80]],
    ["a varint of eleven bytes", [0x18, ...Array.from({ length: 10 }, () => 0x80), 0]],
    ["two numbers in one varint's place", [0x18, 1, 1]],
    ["half a double", [0x21, 1, 2, 3]],
    ["a tag and no more", [0x10]],
    ["text that ends too early", [0x0a, 5, 0x61]],
  ])("a value that is %s", (_, value) => {
    const writer = new BackwardWriter();
    writer.bytes(2, Buffer.alloc(8, 1));
    writer.bytes(1, Buffer.alloc(16, 1));
    const end = writer.length;
    writer.bytes(2, Uint8Array.from(value));
    writer.text(1, "key");
    writer.close(9, end);
    writer.close(2, 0);
    writer.close(2, 0);
    writer.close(1, 0);
    expect(malformed(writer.finish())).toContain("attributes[0].value");
  });

  test("a value that another one replaces, but that is stored with it", () => {
    const writer = new BackwardWriter();
    writer.bytes(2, Buffer.alloc(8, 1));
    writer.bytes(1, Buffer.alloc(16, 1));
    const end = writer.length;
    writer.close(2, end);
    writer.bytes(2, Uint8Array.from([0x0a, 9]));
    writer.close(9, end);
    writer.close(2, 0);
    writer.close(2, 0);
    writer.close(1, 0);
    expect(malformed(writer.finish())).toMatch(/length runs past the end.*attributes\[0\]\.value/);
  });

  test("groups inside groups, however deep", () => {
    expect(malformed(new Uint8Array(100_000).fill(0x1b))).toContain("groups nested too deeply");
  });

  test("an empty body is an empty request", () => {
    expect(decodeTraces(new Uint8Array(0))).toMatchObject({ rejectedCount: 0, resources: [], scopes: [] });
  });
});

describe("whose it is", () => {
  test("the identity of a process is read from its resource", () => {
    const resource = {
      "service.name": "shop",
      "service.instance.id": "i-1",
      "process.pid": 4711,
      "host.name": "node-1",
      "host.id": "h-1",
      "telemetry.sdk.name": "opentelemetry",
      "telemetry.sdk.language": "python",
      "telemetry.sdk.version": "1.44.0",
      "logfire.version": "4.41.0",
    };
    const batch = decodeTraces(tracesRequest([{}], resource));
    expect(batch.resources[0]).toMatchObject({
      service: "shop",
      serviceInstanceId: "i-1",
      pid: 4711,
      host: "h-1",
      hostName: "node-1",
      sdkName: "opentelemetry",
      sdkLanguage: "python",
      sdkVersion: "1.44.0",
      logfireVersion: "4.41.0",
    });
    expect(batch.resources[0]?.attributes).toHaveLength(9);
  });

  test("resources that are remembered are not mistaken for one another: by schema, by limits, by a byte", () => {
    const request = (name: string, schema_url: string) =>
      encode("ExportTraceServiceRequest", {
        resource_spans: [
          { schema_url, resource: { attributes: attributesOf({ "service.name": name }) }, scope_spans: [{ schema_url, scope: { name } }] },
        ],
      });
    const resourceOf = (name: string, schemaUrl: string, limits = DEFAULT_LIMITS) => {
      const { service, schemaUrl: url } = decodeTraces(request(name, schemaUrl), limits).resources[0]!;
      return [service, url];
    };
    for (let round = 0; round < 2; round++) {
      expect(resourceOf("shop", "")).toEqual(["shop", ""]);
      expect(resourceOf("shop", "a")).toEqual(["shop", "a"]);
      expect(resourceOf("shop", "ab")).toEqual(["shop", "ab"]);
      expect(resourceOf("shoq", "")).toEqual(["shoq", ""]);
      expect(resourceOf("shop", "", { ...DEFAULT_LIMITS, nameBytes: 2 })).toEqual(["sh", ""]);
    }
    for (let i = 0; i < 1500; i++) expect(resourceOf(`many ${i}`, "")).toEqual([`many ${i}`, ""]);
    const big = decodeTraces(tracesRequest([{}], { "service.name": "shop", big: "b".repeat(70_000) }));
    expect(spanRows(big)[0]?.marks).toEqual(["attributesTruncated"]);
    const long = { "service.name": "shop", ["k".repeat(300)]: 1 };
    for (let round = 0; round < 2; round++)
      expect(spanRows(decodeTraces(tracesRequest([{}], long)))[0]?.marks).toEqual(["attributesTruncated"]);
  });

  test("a pid as text counts, one that is none does not; without a service name it is unknown", () => {
    const resourceOf = (resource: Record<string, unknown>) => decodeTraces(tracesRequest([{}], resource)).resources[0];
    expect(resourceOf({ "process.pid": "1234", "k8s.pod.uid": "p" })).toMatchObject({ pid: 1234, host: "p", service: "unknown_service" });
    expect(resourceOf({ "process.pid": "$$", "service.name": "" })).toMatchObject({ pid: null, host: null, service: "unknown_service" });
    expect(resourceOf({ "service.name": "a\0b" })).toMatchObject({ service: "a\u2400b" });
  });
});

describe("log records", () => {
  test("come through, and a text body is the message", () => {
    const [row] = logRows(
      decodeLogs(
        logsRequest([
          {
            trace_id: "0af7651916cd43dd8448eb211c80319c",
            span_id: "b7ad6b7169203331",
            time_unix_nano: "5",
            observed_time_unix_nano: "6",
            severity_number: 17,
            severity_text: "ERROR",
            event_name: "user.login",
            body: { string_value: "hello" },
            attributes: attributesOf({ a: 1, "logfire.msg_template": "hello {x}" }),
            flags: 1,
          },
        ]),
      ),
    );
    expect(row).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      time: 5n,
      severityNumber: 17,
      severityText: "ERROR",
      eventName: "user.login",
      message: "hello",
      template: "hello {x}",
      body: null,
      flags: 1,
      marks: [],
    });
    expect(row?.attributes).toHaveLength(2);
  });

  test("a structured body is kept and rendered", () => {
    const body = { kvlist_value: { values: attributesOf({ user: "ann", tries: [1, 2.5, true], none: {} }) } };
    const [row] = logRows(decodeLogs(logsRequest([{ body }])));
    expect(row?.message).toBe('{"user":"ann","tries":[1,2.5,true],"none":{}}');
    expect(row?.body?.type).toBe("kvlist");
  });

  test("take the observed time where there is no other, and stand alone where their ids are none", () => {
    const rows = logRows(
      decodeLogs(
        logsRequest([
          { observed_time_unix_nano: "6" },
          { trace_id: "00".repeat(16), span_id: "00".repeat(8) },
          { trace_id: "abcd", span_id: "ab" },
        ]),
      ),
    );
    expect(rows).toMatchObject([
      { time: 6n, traceId: null, marks: [] },
      { traceId: null, spanId: null, marks: ["startTimeZero"] },
      { traceId: null, spanId: null, marks: ["startTimeZero", "referenceInvalid"] },
    ]);
  });

  test("messages beyond 64 KiB are cut, however they came", () => {
    const long = "m".repeat(70_000);
    const rows = logRows(
      decodeLogs(logsRequest([{ body: { string_value: long } }, { body: { kvlist_value: { values: attributesOf({ long }) } } }])),
    );
    expect(rows.map(({ message }) => message.length)).toEqual([65_536, 65_536]);
    expect(rows.map(({ marks }) => marks.includes("statusMessageTruncated"))).toEqual([true, true]);
  });
});

describe("metrics", () => {
  const metrics = (list: Record<string, unknown>[]) =>
    encode("ExportMetricsServiceRequest", {
      resource_metrics: [
        { resource: { attributes: attributesOf({ "service.name": "shop" }) }, scope_metrics: [{ scope: {}, metrics: list }] },
      ],
    });

  test("differences are told from sums, wherever the field stands", () => {
    const points = [{ as_int: "2" }];
    const digest = decodeMetrics(
      metrics([
        { name: "otel.sdk.span.started", sum: { data_points: points, aggregation_temporality: 1 } },
        { name: "otel.sdk.log.created", sum: { data_points: points, aggregation_temporality: 2 } },
      ]),
    );
    expect(digest.points.map(({ isDelta }) => isDelta)).toEqual([true, false]);
  });

  test("the SDK's counters about itself are kept, the rest is counted and let go", () => {
    const digest = decodeMetrics(
      metrics([
        {
          name: "otel.sdk.span.live",
          sum: {
            data_points: [
              { time_unix_nano: "9", as_int: "-3", attributes: attributesOf({ "otel.span.sampling_result": "DROP" }) },
              { as_double: 1.5 },
            ],
          },
        },
        { name: "otel.sdk.exporter.operation.duration", histogram: { data_points: [{}, {}] } },
        { name: "http.server.duration", gauge: { data_points: [{ as_int: "1" }] } },
        { name: "otel.sdk.span.started", sum: { data_points: [{ as_int: "1", flags: 1 }] } },
      ]),
    );
    expect(digest.points).toEqual([
      {
        resource: 0,
        name: "otel.sdk.span.live",
        value: -3,
        timeUnixNano: 9n,
        isDelta: false,
        attributes: [{ key: "otel.span.sampling_result", value: { type: "string", value: "DROP" } }],
      },
      { resource: 0, name: "otel.sdk.span.live", value: 1.5, timeUnixNano: 0n, isDelta: false, attributes: [] },
    ]);
    expect(digest.droppedPoints).toBe(4);
    expect(digest.resources[0]?.service).toBe("shop");
  });
});
