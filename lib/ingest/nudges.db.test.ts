import http2 from "node:http2";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { insertRows, storeFinding } from "@/db/testing/factories";
import { frame } from "./grpc-frame";
import { Nudges } from "./nudges";
import { bytesOf, eventually, oneSpan, post, protobufFields, startTestIngest } from "./testing/ingest-under-test";

let database: TestDatabase;
let ingest: Awaited<ReturnType<typeof startTestIngest>>;
beforeAll(async () => {
  database = await createTestDatabase();
  ingest = await startTestIngest(database.url, { publicUrl: "https://spans.example" });
});
afterAll(async () => {
  await ingest.close();
  await database.close();
});
beforeEach(() => database.db.$client.query("truncate finding, finding_group, process cascade"));

const TRACE = "0".repeat(30) + "a1";
/** A service that no other test has used. */
let services = 0;
const newService = () => `nudged-${++services}`;

async function storeAbandoned(
  service: string,
  { pid = 4127, spans = 3, ...changes }: Record<string, unknown> & { pid?: number; spans?: number } = {},
) {
  await insertRows(database.db, "process", [
    {
      id: pid,
      project_id: 1,
      service,
      pid,
      user_agent: "x",
      resource_id: 1,
      first_received_ms: 0,
      last_received_ms: 0,
    },
  ]);
  for (let i = 0; i < spans; i++) {
    const id = `${service}-${pid}-${i}`;
    await storeFinding(database.db, {
      id,
      group_id: id,
      service,
      process_id: pid,
      trace_id: TRACE,
      opened_ms: Date.now() - 1_000 + i,
      ...changes,
    });
  }
}
const senderOf = (service: string, pid = 1) => ({
  "service.name": service,
  "process.pid": pid,
  "service.instance.id": `${service}-${pid}`,
});
const send = (service: string, pid?: number) => post(ingest.url, "/v1/traces", oneSpan({}, senderOf(service, pid)));
/** Exports until an answer says something. */
const nudged = (service: string) =>
  eventually(async () => {
    const response = await send(service);
    const line = response.headers.get("x-logfire-warning");
    return line === null ? null : { line, body: await bytesOf(response) };
  });

test("whoever exports after spans of its service were left open reads so in its terminal, with whose they were and where to look", async () => {
  const service = newService();
  await storeAbandoned(service);
  const { line, body } = await nudged(service);
  expect(line).toBe(`3 spans opened by pid 4127 never closed, see https://spans.example/traces/${TRACE}`);
  const partialSuccess = Buffer.from(protobufFields(body)[1] as string, "latin1");
  expect(protobufFields(partialSuccess)).toEqual({ 2: line });
});

test("a process hears of it once, another of the same service too, another service never", async () => {
  const service = newService();
  const other = newService();
  await storeAbandoned(service, { spans: 1 });
  expect((await nudged(service)).line).toMatch(/^1 span opened by pid 4127 /);
  const again = await send(service);
  expect([again.headers.get("x-logfire-warning"), (await bytesOf(again)).length]).toEqual([null, 0]);
  expect((await send(service, 2)).headers.get("x-logfire-warning")).toMatch(/^1 span /);
  const healthy = await send(other);
  expect([healthy.headers.get("x-logfire-warning"), (await bytesOf(healthy)).length]).toEqual([null, 0]);
});

test("several processes are one line that leads to the inbox", async () => {
  const service = newService();
  await storeAbandoned(service, { pid: 11, spans: 2 });
  await storeAbandoned(service, { pid: 12, spans: 2 });
  expect((await nudged(service)).line).toBe(
    `4 spans opened by 2 processes never closed, see https://spans.example/findings?kind=abandoned-span&service=${service}`,
  );
});

test("gRPC says it as a warning without refusals", async () => {
  const service = newService();
  await storeAbandoned(service);
  const session = http2.connect(`http://127.0.0.1:${ingest.grpcPort}`);
  const message = await eventually(async () => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.end(frame(oneSpan({}, senderOf(service))));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const partialSuccess = protobufFields(Buffer.concat(chunks).subarray(5))[1];
    return partialSuccess === undefined ? null : protobufFields(Buffer.from(partialSuccess as string, "latin1"));
  });
  expect(message).toEqual({ 2: expect.stringMatching(/^3 spans opened by pid 4127 never closed/) });
  session.close();
});

test("what is muted, only possible, or long ago is not told", async () => {
  const [muted, unsure, old, told] = [newService(), newService(), newService(), newService()];
  await storeAbandoned(muted, { pid: 1, state: "muted" });
  await storeAbandoned(unsure, { pid: 2, certainty: "possible" });
  await storeAbandoned(old, { pid: 3, opened_ms: Date.now() - 3_600_000 });
  await storeAbandoned(told, { pid: 4 });
  await nudged(told);
  for (const service of [muted, unsure, old]) expect((await send(service)).headers.get("x-logfire-warning")).toBeNull();
});

test("within a minute a process hears one line only, and after it only what is new", async () => {
  const service = newService();
  await storeAbandoned(service, { spans: 2 });
  let nowMs = Date.now();
  const nudges = new Nudges({ db: database.db, webUrl: "http://x", clock: () => nowMs, askEveryMs: 20 });
  const sender = { projectId: 1, services: [service], processIds: [77n] };
  expect(await eventually(async () => nudges.take(sender))).toMatch(/^2 spans /);
  await storeFinding(database.db, {
    id: `${service}-late`,
    group_id: "late",
    service,
    process_id: 4127,
    trace_id: TRACE,
    opened_ms: nowMs + 10,
  });
  const neighbour = { ...sender, processIds: [78n] };
  await eventually(async () =>
    nudges.take({ ...neighbour, processIds: [BigInt(Math.floor(Math.random() * 1e9))] })?.startsWith("3 ") ? true : null,
  );
  expect(nudges.take(sender)).toBeNull();
  nowMs += 59_000;
  expect(nudges.take(sender)).toBeNull();
  nowMs += 2_000;
  expect(nudges.take(sender)).toMatch(/^3 spans /);
  nowMs += 61_000;
  expect(nudges.take(sender)).toBeNull();
  nudges.close();
});
