import http2 from "node:http2";
import { gzipSync } from "node:zlib";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { node, tracing } from "@opentelemetry/sdk-node";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { logsRequest, tracesRequest } from "@/lib/otlp/testing/requests";
import { frame } from "./grpc-frame";
import { DatabaseProxy } from "./testing/database-proxy";
import { eventually, newSpanId, newTraceId, oneSpan, protobufFields, startTestIngest } from "./testing/ingest-under-test";

const TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

let database: TestDatabase;
let proxy: DatabaseProxy;
let ingest: Awaited<ReturnType<typeof startTestIngest>>;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await DatabaseProxy.open(database.url);
  ingest = await startTestIngest(proxy.url);
});
afterAll(async () => {
  await ingest.close();
  await proxy.stop();
  await database.close();
});
beforeEach(async () => {
  await database.db.$client.query("truncate span_record, log_record, connection, reject, request_ledger, arrival");
});

const rowsOf = async (sql: string) => (await database.db.$client.query(sql)).rows;
const closedConnection = () => eventually(async () => (await rowsOf("select * from connection where closed_ms is not null"))[0]);

interface Answer {
  httpStatus: number;
  status: string;
  message: string;
  details: Buffer;
  body: Buffer;
}

/** One call, in its own words. `pieces` are written one by one. */
async function call(
  session: http2.ClientHttp2Session,
  path: string,
  pieces: Uint8Array[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...headers });
  const answer: Answer = { httpStatus: 0, status: "none", message: "", details: Buffer.alloc(0), body: Buffer.alloc(0) };
  const read = (headers: http2.IncomingHttpHeaders) => {
    if (headers["grpc-status"] === undefined) return;
    answer.status = String(headers["grpc-status"]);
    answer.message = decodeURIComponent(String(headers["grpc-message"] ?? ""));
    answer.details = Buffer.from(String(headers["grpc-status-details-bin"] ?? ""), "base64");
  };
  stream.on("response", (headers) => {
    answer.httpStatus = headers[":status"] ?? 0;
    read(headers);
  });
  stream.on("trailers", read);
  stream.on("error", () => {});
  stream.on("data", (chunk: Buffer) => {
    answer.body = Buffer.concat([answer.body, chunk]);
  });
  for (const piece of pieces) {
    stream.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
  await new Promise((resolve) => stream.once("close", resolve));
  return answer;
}

async function withSession<T>(use: (session: http2.ClientHttp2Session) => Promise<T>, port = ingest.grpcPort): Promise<T> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

test("the exporter of OpenTelemetry JS is served, plain and compressed, and its end is on record", async () => {
  for (const compression of ["none", "gzip"] as never[]) {
    await database.db.$client.query("truncate span_record, connection");
    const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${ingest.grpcPort}`, compression });
    const provider = new node.NodeTracerProvider({ spanProcessors: [new tracing.BatchSpanProcessor(exporter)] });
    const tracer = provider.getTracer("test");
    const root = tracer.startSpan("root");
    for (let i = 0; i < 50; i++) tracer.startSpan(`child ${i}`, {}, trace.setSpan(ROOT_CONTEXT, root)).end();
    root.end();
    await provider.forceFlush();
    expect(await rowsOf("select count(*)::int from span_record")).toEqual([{ count: 51 }]);
    await provider.shutdown();
    const connection = await closedConnection();
    expect(connection).toMatchObject({ protocol: "grpc", closed_by: "client", requests: 1 });
    expect(connection.user_agent).toContain("OTel-OTLP-Exporter-JavaScript");
  }
});

test("many calls at once on one connection, and logs beside traces", async () => {
  const answers = await withSession(async (session) =>
    Promise.all([
      ...Array.from({ length: 30 }, () => call(session, TRACES, [frame(oneSpan())])),
      call(session, LOGS, [frame(logsRequest([{ time_unix_nano: "1700000000000000000", body: { string_value: "hi" } }]))]),
    ]),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array(31).fill("0"));
  expect(answers[0]?.body).toEqual(Buffer.from([0, 0, 0, 0, 0]));
  expect(await rowsOf("select count(*)::int from span_record")).toEqual([{ count: 30 }]);
  expect(await rowsOf("select message from log_record")).toEqual([{ message: "hi" }]);
});

test("a message in many small pieces and one of several megabytes are read whole", async () => {
  const small = frame(oneSpan());
  const large = frame(
    tracesRequest(Array.from({ length: 9_000 }, () => ({ trace_id: newTraceId(), span_id: newSpanId(), name: "n".repeat(400) }))),
  );
  expect(large.length).toBeGreaterThan(4_000_000);
  const answers = await withSession(async (session) => [
    await call(
      session,
      TRACES,
      Array.from({ length: small.length }, (_, i) => small.subarray(i, i + 1)),
    ),
    await call(session, TRACES, [large]),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual(["0", "0"]);
  expect(await rowsOf("select count(*)::int from span_record")).toEqual([{ count: 9_001 }]);
});

test("pings are answered, and a deadline that has not passed does no harm", async () => {
  await withSession(async (session) => {
    await new Promise((resolve) => session.once("connect", resolve));
    await new Promise<void>((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())));
    expect((await call(session, TRACES, [frame(oneSpan())], { "grpc-timeout": "10S" })).status).toBe("0");
  });
});

test("refused records are counted exactly, the others stored", async () => {
  const trace_id = newTraceId();
  const body = tracesRequest([
    { trace_id, span_id: newSpanId() },
    { trace_id, span_id: "0".repeat(16) },
  ]);
  const answer = await withSession((session) => call(session, TRACES, [frame(body)]));
  expect(answer.status).toBe("0");
  const partialSuccess = protobufFields(answer.body.subarray(5))[1] as string;
  expect(protobufFields(Buffer.from(partialSuccess, "latin1"))).toMatchObject({ 1: 1 });
  expect(await rowsOf("select count(*)::int from span_record")).toEqual([{ count: 1 }]);
  // Rejects are written a moment after the answers: waited for, or the next test finds this one's.
  await eventually(async () => ((await rowsOf("select reason from reject")).some((row) => row.reason === "records") ? true : null));
});

test("each wrong call has its status: unknown method, unread compression, no message, broken message, too long", async () => {
  const tiny = await startTestIngest(proxy.url, { maxBodyBytes: 1024 * 1024 });
  await withSession(async (session) => {
    expect(await call(session, "/opentelemetry.proto.collector.trace.v1.TraceService/Import", [frame(oneSpan())])).toMatchObject({
      status: "12",
      message: expect.stringContaining("TraceService/Export"),
    });
    const compressed = frame(oneSpan());
    compressed[0] = 1;
    expect(await call(session, TRACES, [compressed], { "grpc-encoding": "zstd" })).toMatchObject({ status: "12" });
    expect(await call(session, TRACES, [])).toMatchObject({ status: "3" });
    expect(await call(session, TRACES, [frame(oneSpan()), frame(oneSpan())])).toMatchObject({ status: "3" });
    const broken = await call(session, TRACES, [frame(oneSpan().subarray(0, 30))]);
    expect(broken).toMatchObject({ status: "3", httpStatus: 200, message: expect.stringContaining("at byte") });
    expect(protobufFields(broken.details)).toMatchObject({ 1: 3, 2: broken.message });
    const bomb = frame(gzipSync(Buffer.alloc(20 * 1024 * 1024)));
    bomb[0] = 1;
    expect(await call(session, TRACES, [bomb], { "grpc-encoding": "gzip" })).toMatchObject({ status: "8" });
    expect(await call(session, TRACES, [Buffer.alloc(2 * 1024 * 1024)])).toMatchObject({ status: "8" });
    // The connection is as good as before.
    expect(await call(session, TRACES, [frame(oneSpan())])).toMatchObject({ status: "0" });
  }, tiny.grpcPort);
  // Rejects are written a moment after the answers.
  const reasons = await eventually(async () => {
    const rows = await rowsOf("select distinct reason from reject order by 1");
    return rows.length >= 4 ? rows.map((row) => row.reason) : null;
  });
  expect(reasons).toEqual(["content-encoding", "malformed", "too-large", "wrong-path"]);
  await tiny.close();
});

test("without its database: UNAVAILABLE, and when to come back", async () => {
  await proxy.stop();
  const answer = await withSession((session) => call(session, TRACES, [frame(oneSpan())]));
  await proxy.start();
  expect(answer.status).toBe("14");
  // google.rpc.Status.details: an Any with a RetryInfo, without which some clients do not retry.
  expect(protobufFields(answer.details)[3]).toContain("type.googleapis.com/google.rpc.RetryInfo");
  await eventually(async () => ((await withSession((session) => call(session, TRACES, [frame(oneSpan())]))).status === "0" ? true : null));
});

test("half a call, whose client went away, stores nothing and is on record", async () => {
  const session = http2.connect(`http://127.0.0.1:${ingest.grpcPort}`);
  session.on("error", () => {});
  const stream = session.request({ ":method": "POST", ":path": TRACES, "content-type": "application/grpc", te: "trailers" });
  stream.on("error", () => {});
  const whole = frame(oneSpan());
  stream.write(whole.subarray(0, whole.length - 10));
  await new Promise((resolve) => setTimeout(resolve, 100));
  session.destroy();
  expect(await eventually(async () => (await rowsOf("select reason, path from reject"))[0])).toEqual({
    reason: "incomplete",
    path: TRACES,
  });
  expect(await rowsOf("select 1 from span_record")).toEqual([]);
});

test("the end of a gRPC connection is told from its reset", async () => {
  for (const [how, closedBy] of [
    ["end", "client"],
    ["reset", "reset"],
  ] as const) {
    await database.db.$client.query("truncate connection");
    const session = http2.connect(`http://127.0.0.1:${ingest.grpcPort}`);
    session.on("error", () => {});
    expect((await call(session, TRACES, [frame(oneSpan())])).status).toBe("0");
    if (how === "end") session.close();
    else (session as unknown as Record<symbol, { resetAndDestroy(): void }>)[symbolOf(session, "socket")]?.resetAndDestroy();
    expect(await closedConnection()).toMatchObject({ closed_by: closedBy });
  }
});

/** Node keeps the real socket of a session to itself; only it can be reset. */
function symbolOf(session: object, description: string): symbol {
  return Object.getOwnPropertySymbols(session).find((symbol) => symbol.description === description) as symbol;
}

test("what is no gRPC at all is told where OTLP over HTTP is", async () => {
  const answer = await withSession((session) => call(session, TRACES, [oneSpan()], { "content-type": "application/x-protobuf" }));
  expect(answer).toMatchObject({ httpStatus: 415, body: expect.any(Buffer) });
  expect(answer.body.toString()).toContain("4318");
  await fetch(`http://127.0.0.1:${ingest.grpcPort}/v1/traces`, { method: "POST", body: "{}" }).catch(() => {});
  expect(await eventually(async () => (await rowsOf("select reason, detail from reject"))[0])).toMatchObject({ reason: "garbage" });
});
