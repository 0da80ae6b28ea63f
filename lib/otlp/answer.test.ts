import { describe, expect, test } from "vitest";
import { describeRejections, encodeExportAnswer, encodeStatus, GRPC_CODE } from "./answer";
import { protoType } from "./testing/otlp-proto";

const read = (type: string, bytes: Uint8Array) => protoType(type).toObject(protoType(type).decode(bytes), { longs: Number });
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("the answer to an export", () => {
  test("that was taken whole says nothing at all", () => {
    expect(encodeExportAnswer("protobuf", "traces", 0, "")).toHaveLength(0);
    expect(text(encodeExportAnswer("json", "traces", 0, ""))).toBe("{}");
  });

  test("that was taken in part counts what was refused and says why", () => {
    expect(read("ExportResponse", encodeExportAnswer("protobuf", "logs", 300, "é"))).toEqual({
      partial_success: { rejected: 300, error_message: "é" },
    });
    expect(text(encodeExportAnswer("json", "logs", 3, "why"))).toBe('{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"why"}}');
    expect(text(encodeExportAnswer("json", "traces", 1, ""))).toBe('{"partialSuccess":{"rejectedSpans":"1"}}');
    expect(text(encodeExportAnswer("json", "metrics", 1, ""))).toBe('{"partialSuccess":{"rejectedDataPoints":"1"}}');
  });

  test("may warn without refusing", () => {
    expect(read("ExportResponse", encodeExportAnswer("protobuf", "metrics", 0, "careful"))).toEqual({
      partial_success: { error_message: "careful" },
    });
    expect(text(encodeExportAnswer("json", "metrics", 0, "careful"))).toBe('{"partialSuccess":{"errorMessage":"careful"}}');
  });
});

describe("a google.rpc.Status", () => {
  const violations = [
    { field: "a", description: "is wrong" },
    { field: "b", description: "too" },
  ];

  test("names what is wrong with a request, in protobuf", () => {
    const status = read(
      "RpcStatus",
      encodeStatus("protobuf", { code: GRPC_CODE.invalidArgument, message: "bad", fieldViolations: violations }),
    );
    expect(status).toMatchObject({ code: 3, message: "bad", details: [{ type_url: "type.googleapis.com/google.rpc.BadRequest" }] });
    expect(read("BadRequest", status.details[0].value)).toEqual({ field_violations: violations });
  });

  test("says when to try again, without which a gRPC client throws the data away", () => {
    const status = read("RpcStatus", encodeStatus("protobuf", { code: GRPC_CODE.resourceExhausted, message: "later", retryAfterMs: 2500 }));
    expect(status.details[0].type_url).toBe("type.googleapis.com/google.rpc.RetryInfo");
    expect(read("RetryInfo", status.details[0].value)).toEqual({ retry_delay: { seconds: 2, nanos: 500_000_000 } });
    const soon = read("RpcStatus", encodeStatus("protobuf", { code: 14, message: "", retryAfterMs: 999.7 }));
    expect(read("RetryInfo", soon.details[0].value)).toEqual({ retry_delay: { seconds: 1 } });
  });

  test("reads the same in JSON", () => {
    expect(JSON.parse(text(encodeStatus("json", { code: 3, message: "bad", fieldViolations: violations, retryAfterMs: 1500 })))).toEqual({
      code: 3,
      message: "bad",
      details: [
        { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: violations },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.5s" },
      ],
    });
    expect(JSON.parse(text(encodeStatus("json", { code: 13, message: "x" })))).toEqual({ code: 13, message: "x" });
  });
});

test("refusals are told once each and not all of them", () => {
  const rejection = (value: string) => ({ signal: "span" as const, field: "trace_id", value, expected: "16 bytes" });
  expect(describeRejections([], 0)).toBe("");
  expect(describeRejections([rejection("ab"), rejection("ab")], 2)).toBe(
    "2 refused, the others are stored. trace_id: got ab, expected 16 bytes",
  );
  const many = Array.from({ length: 9 }, (_, i) => rejection(String(i)));
  expect(describeRejections(many, 90)).toMatch(/^90 refused.*trace_id: got 4, expected 16 bytes; …$/);
});
