import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { frame, percentEncode, unframe } from "./grpc-frame";
import { isDirectSender, isLocalHost, isOnThisMachine, plainAddress } from "./sender";

test("an exporter of any language speaks for itself; what passes on what others recorded does not", () => {
  const none = () => undefined;
  for (const userAgent of [
    "OTel-OTLP-Exporter-Python/1.44.0",
    "OTel OTLP Exporter Go/1.47.0 grpc-go/1.83.2",
    "logfire/4.41.0",
    "logfire-js/0.18.25 OTel-OTLP-Exporter-JavaScript/0.223.1",
    "Go-http-client/1.1",
    "",
  ]) {
    expect([userAgent, isDirectSender(none, userAgent)]).toEqual([userAgent, true]);
  }
  for (const userAgent of [
    "OpenTelemetry Collector/0.150.0 (linux/amd64)",
    "logfire-proxy/4.41.0 logfire/4.41.0",
    "Alloy/v1.9",
    "Fluent-Bit",
    "vector/0.45",
  ]) {
    expect([userAgent, isDirectSender(none, userAgent)]).toEqual([userAgent, false]);
  }
  expect(isDirectSender((name) => (name === "x-forwarded-for" ? "10.1.2.3" : undefined), "logfire/4.41.0")).toBe(false);
});

test("only names that no stranger's DNS can hold are this machine's", () => {
  for (const host of ["localhost", "LOCALHOST:4318", "127.0.0.1:4318", "127.8.9.1", "[::1]:4318", "app.localhost:80", "localhost."]) {
    expect([host, isLocalHost(host, "127.0.0.1")]).toEqual([host, true]);
  }
  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "10.0.0.5",
    "[::2]",
    "",
    "127.0.0.1@evil.example",
  ]) {
    expect([host, isLocalHost(host, "127.0.0.1")]).toEqual([host, false]);
  }
});

test("a peer of one of our own addresses is of this machine, any other is not", () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const { address } of own) expect(isOnThisMachine(address)).toBe(true);
  expect(isOnThisMachine(plainAddress("::ffff:127.0.0.1"))).toBe(true);
  expect(isOnThisMachine("203.0.113.7")).toBe(false);
});

test("a gRPC message comes out of its frame as it went in, and bytes that are not exactly one frame do not", () => {
  const message = Buffer.from("message");
  expect(unframe(frame(message))).toEqual({ isCompressed: false, message });
  const framed = frame(message);
  for (const wrong of [
    Buffer.alloc(0),
    framed.subarray(0, 4),
    framed.subarray(0, -1),
    Buffer.concat([framed, Buffer.from([0])]),
    Buffer.from([2, 0, 0, 0, 0]),
  ]) {
    expect(unframe(wrong)).toBeNull();
  }
});

test("any message survives the percent-encoding of grpc-message", () => {
  for (const text of ["plain", 'with "quotes" and 100%', "zwei Zeilen\nund ein Tab\t", "漢字 🚀"]) {
    const encoded = percentEncode(text);
    expect(encoded).toMatch(/^[ -~]*$/);
    expect(decodeURIComponent(encoded)).toBe(text);
  }
});
