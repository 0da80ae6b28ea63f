import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { captureFolders, loadCapture, type RecordedRequest } from "./capture";
import { moveToNow } from "./move-to-now";
import { placesIn } from "./otlp-places";

const CAPTURES = captureFolders(join(import.meta.dirname, "../captures")).map(loadCapture);
const DELTA_MS = 86_400_000 * 3 + 17;
const MASK = Buffer.from("a5".repeat(16), "hex");

const plain = (request: RecordedRequest, body: Buffer) => (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
const protobufOf = (capture: (typeof CAPTURES)[number]) =>
  capture.events.flatMap((event) =>
    event.event === "request" && event.body && !/json/.test(event.headers["content-type"] ?? "") ? [event] : [],
  );

test("there are captures to score, healthy ones among them", () => {
  expect(CAPTURES.length).toBeGreaterThanOrEqual(10);
  expect(CAPTURES.filter((capture) => capture.expected.expect.length === 0 && !capture.expected.ongoing).length).toBeGreaterThanOrEqual(3);
});

test.each(CAPTURES)("$id: every time moves by the same amount and every trace gets another id, and nothing else changes", (capture) => {
  const moved = moveToNow(capture, DELTA_MS, MASK);
  for (const request of protobufOf(capture)) {
    const before = plain(request, Buffer.from(request.body, "base64"));
    const after = plain(request, moved.bodies.get(request) as Buffer);
    const places = placesIn(before, request.path);
    expect(placesIn(after, request.path)).toEqual(places);
    for (const at of places.times) {
      const time = before.readBigUInt64LE(at);
      expect(after.readBigUInt64LE(at)).toBe(time === 0n ? 0n : time + BigInt(DELTA_MS) * 1_000_000n);
    }
    for (const at of places.traceIds) {
      const id = before.toString("hex", at, at + 16);
      expect(after.toString("hex", at, at + 16)).toBe(moved.renamed(id));
      expect(moved.renamed(id)).not.toBe(id);
    }
  }
  expect(moved.traceIds.length).toBeGreaterThan(0);
  expect(moved.services).toContain(capture.id);
});

test("a span inside a heartbeat's JSON moves with the rest, or a killed backup would look days old", () => {
  const capture = CAPTURES.find((one) => one.id === "py-heartbeat-killed") as (typeof CAPTURES)[number];
  const moved = moveToNow(capture, DELTA_MS, MASK);
  const heartbeats = protobufOf(capture).filter((request) => /logs/.test(request.path));
  const starts = (body: Buffer) =>
    [...body.toString("latin1").matchAll(/"startTimeUnixNano":"(\d+)"/g)].map(([, digits]) => BigInt(digits as string));
  const before = heartbeats.flatMap((request) => starts(Buffer.from(request.body, "base64")));
  expect(before.length).toBeGreaterThan(3);
  expect(heartbeats.flatMap((request) => starts(moved.bodies.get(request) as Buffer))).toEqual(
    before.map((time) => time + BigInt(DELTA_MS) * 1_000_000n),
  );
  expect(
    heartbeats.every(
      (request) =>
        !capture.truth.some((line) => "trace" in line && line.trace && (moved.bodies.get(request) as Buffer).includes(String(line.trace))),
    ),
  ).toBe(true);
});

test("a ULID keeps telling the time of its trace's beginning", () => {
  const capture = CAPTURES.find((one) => one.id === "py-worker-terminated") as (typeof CAPTURES)[number];
  const id = moveToNow(capture, 0, MASK).traceIds[0] as string;
  const later = moveToNow(capture, DELTA_MS, MASK).traceIds[0] as string;
  expect(Number.parseInt(later.slice(0, 12), 16) - Number.parseInt(id.slice(0, 12), 16)).toBe(DELTA_MS);
  expect(Math.abs(Number.parseInt(id.slice(0, 12), 16) - capture.wallMs)).toBeLessThan(60_000);
});
