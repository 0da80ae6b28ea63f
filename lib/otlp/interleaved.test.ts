import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { looksInterleaved } from "./interleaved";
import { tracesRequest } from "./testing/requests";

const head = (line = "POST /v1/traces HTTP/1.1") =>
  `${line}\r\nHost: 127.0.0.1:4318\r\nUser-Agent: logfire/4.41.0\r\nContent-Encoding: gzip\r\nContent-Type: application/x-protobuf\r\nContent-Length: 812\r\n\r\n`;
const body = gzipSync(tracesRequest([{}, {}]));
const bytes = (...parts: (string | Uint8Array)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));

describe("two requests in one body are recognised", () => {
  test.each([
    ["at its beginning", bytes(head(), body)],
    ["in its middle", bytes(body.subarray(0, 40), head(), body.subarray(0, 10))],
    ["with the request line in another body", bytes(body.subarray(0, 40), head().slice(10))],
    ["another way in", bytes(body, head("GET /v1/info HTTP/1.1"))],
    ["Zipkin", bytes("[{", head("POST /api/v2/spans HTTP/1.1"))],
    ["behind a prefix", bytes(head("POST /otlp/v1/logs HTTP/1.1").replaceAll("Content", "content"))],
  ])("%s", (_, mixed) => {
    expect(looksInterleaved(mixed)).toBe(true);
  });
});

describe("a body that is merely broken is not taken for two", () => {
  test.each([
    ["gzip cut off", body.subarray(0, 50)],
    ["nothing", bytes()],
    [
      "a span that talks of HTTP",
      Buffer.from(tracesRequest([{ name: "POST /v1/traces HTTP/1.1", trace_state: "Content-Encoding: gzip" }])),
    ],
    ["another server's request", bytes("GET /index.html HTTP/1.1\r\n")],
    ["a version far from any request line", bytes("POST /v1/traces", Buffer.alloc(400), " HTTP/1.1\r\n")],
  ])("%s", (_, broken) => {
    expect(looksInterleaved(broken)).toBe(false);
  });
});
