import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { DatabaseProxy } from "./testing/database-proxy";
import { eventually, newTraceId, oneSpan, rawPost, rawSocket, startTestIngest } from "./testing/ingest-under-test";
import recorded from "./testing/shared-socket.json";

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
  await database.db.$client.query("truncate span_record, connection, connection_process, process, handshake, reject, arrival");
});

const rowsOf = async (sql: string, values: unknown[] = []) => (await database.db.$client.query(sql, values)).rows;
/** This process sends, and listens too: without its pid it would be taken for a forwarder. */
const OWN = { "service.name": "shop", "process.pid": process.pid };
const isAnswered = (text: string) => text.includes("\r\n\r\n");
const closedConnection = () =>
  eventually(async () => (await rowsOf("select *, closed_ms::float8 from connection where closed_ms is not null"))[0]);

test("a sender that hangs up is on record within moments: by a FIN, with the processes it spoke for, and the scheduler is woken", async () => {
  const listener = new pg.Client({ connectionString: database.url });
  await listener.connect();
  const heard: string[] = [];
  listener.on("notification", ({ channel }) => heard.push(channel));
  await listener.query("listen spanwatch_arrival");
  const delays: number[] = [];
  for (let i = 0; i < 7; i++) {
    await database.db.$client.query("truncate connection, arrival");
    const { socket, answer } = await rawSocket(ingest.httpPort);
    socket.write(rawPost("/v1/traces", oneSpan({}, OWN), { "user-agent": "OTel-OTLP-Exporter-Python/1.44.0" }));
    await answer(isAnswered);
    await eventually(async () => (await rowsOf("select 1 from arrival where what = 'records'"))[0]);
    await database.db.$client.query("truncate arrival");
    heard.length = 0;
    const beganMs = Date.now();
    socket.end();
    const connection = await closedConnection();
    delays.push(Date.now() - beganMs);
    expect(connection).toMatchObject({ closed_by: "client", protocol: "http", peer: "127.0.0.1", direct: true, requests: 1 });
    expect(connection.user_agent).toBe("OTel-OTLP-Exporter-Python/1.44.0");
    expect(connection.closed_ms - beganMs).toBeLessThan(500);
    const [arrival] = await rowsOf("select process_ids, project_id from arrival where what = 'connection'");
    const [link] = await rowsOf("select process_id from connection_process where connection_id = $1", [connection.id]);
    expect(arrival).toEqual({ process_ids: [link.process_id], project_id: 1 });
    await eventually(async () => (heard.length > 0 ? true : null));
  }
  await listener.end();
  delays.sort((a, b) => a - b);
  // 50 ms is the aim; a busy machine gets ten times that.
  expect(delays[3]).toBeLessThan(500);
});

test("a reset is told from a FIN, and both from our own closing", async () => {
  const reset = await rawSocket(ingest.httpPort);
  reset.socket.write(rawPost("/v1/traces", oneSpan()));
  await reset.answer(isAnswered);
  reset.socket.resetAndDestroy();
  expect(await closedConnection()).toMatchObject({ closed_by: "reset" });

  await database.db.$client.query("truncate connection");
  const other = await startTestIngest(database.url);
  const kept = await rawSocket(other.httpPort);
  kept.socket.write(rawPost("/v1/traces", oneSpan()));
  await kept.answer(isAnswered);
  await other.close();
  expect(await closedConnection()).toMatchObject({ closed_by: "server" });
});

test("the close of a connection is never on record before what came over it", async () => {
  proxy.freeze();
  const { socket } = await rawSocket(ingest.httpPort);
  const traceId = newTraceId();
  socket.end(rawPost("/v1/traces", oneSpan({ trace_id: traceId })));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await rowsOf("select 1 from connection where closed_ms is not null")).toEqual([]);
  proxy.thaw();
  await closedConnection();
  expect(await rowsOf("select 1 from span_record where trace_id = $1", [traceId])).toHaveLength(1);
  const arrivals = await rowsOf("select what from arrival order by id");
  expect(arrivals.map((row) => row.what)).toEqual(["records", "connection"]);
});

test("a proxy, a Collector and Logfire's forwarder are not taken for the process itself", async () => {
  const senders: { headers: Record<string, string>; direct: boolean }[] = [
    { headers: { "user-agent": "OTel-OTLP-Exporter-Go/1.47.0" }, direct: true },
    { headers: { "user-agent": "x", "x-forwarded-for": "10.0.0.7" }, direct: false },
    { headers: { "user-agent": "x", via: "1.1 gate" }, direct: false },
    { headers: { "user-agent": "x", forwarded: "for=10.0.0.7" }, direct: false },
    { headers: { "user-agent": "OpenTelemetry Collector/0.150.0 (linux/amd64)" }, direct: false },
    { headers: { "user-agent": "logfire-proxy/4.41.0 logfire/4.41.0" }, direct: false },
  ];
  for (const { headers, direct } of senders) {
    await database.db.$client.query("truncate connection");
    const { socket, answer } = await rawSocket(ingest.httpPort);
    socket.write(rawPost("/v1/traces", oneSpan({}, OWN), headers));
    await answer(isAnswered);
    socket.end();
    expect(await closedConnection()).toMatchObject({ direct });
  }
});

test("a process is known by its instance and pid; one that names neither, by its connection; behind a proxy, by its service", async () => {
  const named = { "service.name": "named", "service.instance.id": "i-1", "process.pid": 7, "host.name": "elsewhere" };
  const send = async (resource: Record<string, unknown>, headers: Record<string, string> = {}) => {
    const { socket, answer } = await rawSocket(ingest.httpPort);
    socket.write(rawPost("/v1/traces", oneSpan({}, resource), headers));
    await answer(isAnswered);
    socket.end();
  };
  for (let i = 0; i < 2; i++) {
    await send(named);
    await send({ "service.name": "nameless" });
    await send({ "service.name": "proxied" }, { via: "1.1 gate" });
  }
  await send({ ...named, "process.pid": 8 });
  expect(await rowsOf("select service, count(*)::int from process group by 1 order by 1")).toEqual([
    { service: "named", count: 2 },
    { service: "nameless", count: 2 },
    { service: "proxied", count: 1 },
  ]);
  const [known] = await rowsOf("select longest_pause_ms, instance_id, pid, host from process where pid = 7");
  expect(known).toMatchObject({ instance_id: "i-1", pid: "7", host: "elsewhere" });
  expect(Number(known.longest_pause_ms)).toBeGreaterThanOrEqual(0);
  expect(await rowsOf("select longest_pause_ms from process where pid = 8")).toEqual([{ longest_pause_ms: null }]);
});

test("an exit that the data tells of is noted with the process", async () => {
  const resource = { "service.name": "ended", "process.pid": 9, "process.exit.time": "2026-11-24T10:00:00.250Z", "process.exit.code": 0 };
  const { socket, answer } = await rawSocket(ingest.httpPort);
  socket.write(rawPost("/v1/traces", oneSpan({}, resource)));
  await answer(isAnswered);
  socket.end();
  expect(await rowsOf("select exited_ms from process")).toEqual([{ exited_ms: String(Date.parse("2026-11-24T10:00:00.250Z")) }]);
});

test("the Logfire SDK's question is answered, and its asking remembered", async () => {
  const response = await fetch(`${ingest.url}/v1/info`, {
    headers: { authorization: "pylf_v1_local_abc", "user-agent": "logfire/4.41.0" },
  });
  expect(await response.json()).toEqual({ project_name: "default", project_url: "http://127.0.0.1:3000" });
  const [handshake] = await eventually(async () => {
    const rows = await rowsOf("select peer, user_agent, length(token_hash) as hash_bytes, connection_id from handshake");
    return rows.length > 0 ? rows : null;
  });
  expect(handshake).toMatchObject({ peer: "127.0.0.1", user_agent: "logfire/4.41.0", hash_bytes: 32 });
  expect(await rowsOf("select 1 from connection where id = $1", [handshake.connection_id])).toHaveLength(1);
});

test("connections of an ingest that died are closed by the next one, as ours and not the senders' doing; those of a living one are left", async () => {
  const living = await startTestIngest(database.url);
  const kept = await rawSocket(living.httpPort);
  kept.socket.write(rawPost("/v1/traces", oneSpan()));
  await kept.answer(isAnswered);
  const [own] = await rowsOf("select id from connection");
  await database.db.$client.query(
    `insert into connection (id, protocol, peer, peer_port, opened_ms, requests, ingest_id) values (1, 'http', '127.0.0.1', 1, 0, 1, 'dead')`,
  );
  await database.db.$client.query(
    "insert into process (id, project_id, service, user_agent, resource_id, first_received_ms, last_received_ms) values (5, 1, 's', '', 1, 0, 0)",
  );
  await database.db.$client.query("insert into connection_process values (1, 5, 0, 0, 1)");
  const next = await startTestIngest(database.url);
  await eventually(async () => (await rowsOf("select 1 from connection where id = 1 and closed_by = 'server'"))[0]);
  expect(await rowsOf("select closed_ms from connection where id = $1", [own.id])).toEqual([{ closed_ms: null }]);
  expect(await rowsOf("select process_ids from arrival where what = 'connection'")).toEqual([{ process_ids: ["5"] }]);
  await next.close();
  kept.socket.destroy();
  await living.close();
});

test("two processes writing into one socket: asked once to send it again on a new connection, then refused, with the bytes kept", async () => {
  const { mixed } = recorded;
  const wire = Buffer.from(mixed.body, "base64");
  const headers = { "content-encoding": "gzip", "user-agent": mixed.userAgent };
  const answers: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { socket, answer } = await rawSocket(ingest.httpPort);
    socket.write(rawPost(mixed.path, wire, headers));
    answers.push(await answer(isAnswered));
    socket.destroy();
  }
  expect(answers[0]).toMatch(/^HTTP\/1.1 503 /);
  expect(answers[0]).toMatch(/connection: close/i);
  expect(answers[0]).toMatch(/retry-after: /i);
  expect(answers[1]).toMatch(/^HTTP\/1.1 400 /);
  const rejects = await eventually(async () => {
    const rows = await rowsOf("select reason, status, body_head from reject order by id");
    return rows.length === 2 ? rows : null;
  });
  expect(rejects.map((row) => [row.reason, row.status])).toEqual([
    ["interleaved-requests", 503],
    ["interleaved-requests", 400],
  ]);
  expect(rejects[0].body_head).toEqual(wire.subarray(0, 2048));
});

test("bytes that are no request, behind one that is, are answered 400 and kept; the request before them is stored", async () => {
  for (const raw of recorded.garbage.map((text) => Buffer.from(text, "base64"))) {
    await database.db.$client.query("truncate reject, span_record");
    const { socket, answer } = await rawSocket(ingest.httpPort);
    socket.write(rawPost("/v1/traces", oneSpan()));
    await answer(isAnswered);
    // What starts a new request line in the middle is what the parser stumbles over.
    socket.write(Buffer.concat([Buffer.from("\x1f\x8b\x08\x00"), raw]));
    expect(await answer(isAnswered)).toMatch(/^HTTP\/1.1 400 /);
    const [reject] = await eventually(async () => {
      const rows = await rowsOf("select reason, body_head, connection_id from reject");
      return rows.length > 0 ? rows : null;
    });
    expect(reject.reason).toBe("garbage");
    expect(reject.body_head.length).toBeGreaterThan(4);
    expect(await rowsOf("select connection_id from span_record")).toEqual([{ connection_id: reject.connection_id }]);
    socket.destroy();
  }
});

test("garbage right behind a request does not take the request's answer", async () => {
  const { socket, answer } = await rawSocket(ingest.httpPort);
  socket.write(Buffer.concat([rawPost("/v1/traces", oneSpan()), Buffer.from("\x1f\x8b\x08 no request\r\n\r\n")]));
  const text = await answer((text) => text.split("HTTP/1.1 ").length === 3 && text.endsWith("}"));
  expect([...text.matchAll(/HTTP\/1.1 (\d+)/g)].map((match) => match[1])).toEqual(["200", "400"]);
  expect(await rowsOf("select count(*)::int from span_record")).toEqual([{ count: 1 }]);
  expect(await eventually(async () => (await rowsOf("select reason from reject"))[0])).toEqual({ reason: "garbage" });
  socket.destroy();
});
