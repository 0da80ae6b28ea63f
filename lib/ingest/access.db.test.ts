import http2 from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { hashOfToken, hintOfToken, type KeyScope, newToken } from "@/lib/auth/key-token";
import { frame } from "./grpc-frame";
import { oneSpan, post, startTestIngest } from "./testing/ingest-under-test";

let database: TestDatabase;
let ingest: Awaited<ReturnType<typeof startTestIngest>>;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.$client.query("insert into project values (2, 'second', 0)");
  ingest = await startTestIngest(database.url, { mode: "server", publicUrl: "https://spans.example" });
});
afterAll(async () => {
  await ingest.close();
  await database.close();
});

async function newKey(scope: KeyScope, projectId = 1): Promise<string> {
  const token = newToken(scope);
  await database.db.$client.query(
    "insert into api_key (id, project_id, name, scope, hash, hint, created_ms) values ($1, $2, 'test', $3, $4, $5, 0)",
    [token.slice(-12), projectId, scope, hashOfToken(token), hintOfToken(token)],
  );
  return token;
}

test("in server mode a key is asked for: none and unknown ones are 401, those that may only read 403", async () => {
  expect((await post(ingest.url, "/v1/traces", oneSpan())).status).toBe(401);
  expect((await post(ingest.url, "/v1/traces", oneSpan(), { authorization: "pylf_v1_local_something" })).status).toBe(401);
  expect((await post(ingest.url, "/v1/traces", oneSpan(), { authorization: newToken("ingest") })).status).toBe(401);
  expect((await post(ingest.url, "/v1/traces", oneSpan(), { authorization: await newKey("read") })).status).toBe(403);
  expect((await fetch(`${ingest.url}/v1/info`)).status).toBe(401);
  expect((await database.db.$client.query("select count(*)::int from span_record")).rows).toEqual([{ count: 0 }]);
});

test("a key is taken in each of the three ways that SDKs send it, and decides the project", async () => {
  const [first, second] = [await newKey("ingest", 1), await newKey("ingest", 2)];
  expect((await post(ingest.url, "/v1/traces", oneSpan(), { authorization: first })).status).toBe(200);
  expect((await post(ingest.url, "/v1/traces", oneSpan(), { authorization: `Bearer ${first}` })).status).toBe(200);
  expect((await post(ingest.url, "/v1/traces", oneSpan(), { "x-api-key": second })).status).toBe(200);
  const { rows } = await database.db.$client.query("select project_id, count(*)::int from span_record group by 1 order by 1");
  expect(rows).toEqual([
    { project_id: 1, count: 2 },
    { project_id: 2, count: 1 },
  ]);
  const info = await fetch(`${ingest.url}/v1/info`, { headers: { authorization: second } });
  expect(await info.json()).toEqual({ project_name: "second", project_url: "https://spans.example" });
});

test("the same body under two keys is stored for each project", async () => {
  const [first, second] = [await newKey("ingest", 1), await newKey("ingest", 2)];
  const body = oneSpan({ name: "twice" });
  expect((await post(ingest.url, "/v1/traces", body, { authorization: first })).status).toBe(200);
  expect((await post(ingest.url, "/v1/traces", body, { authorization: second })).status).toBe(200);
  const { rows } = await database.db.$client.query("select project_id from span_record where name = 'twice' order by 1");
  expect(rows).toEqual([{ project_id: 1 }, { project_id: 2 }]);
});

test("over gRPC the same: UNAUTHENTICATED, PERMISSION_DENIED, or taken", async () => {
  const session = http2.connect(`http://127.0.0.1:${ingest.grpcPort}`);
  const statusWith = (headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
      const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...headers });
      const read = (headers: http2.IncomingHttpHeaders) => headers["grpc-status"] !== undefined && resolve(String(headers["grpc-status"]));
      stream.on("response", read);
      stream.on("trailers", read);
      stream.on("error", () => {});
      stream.resume();
      stream.end(frame(oneSpan()));
    });
  expect(await statusWith({})).toBe("16");
  expect(await statusWith({ authorization: await newKey("admin") })).toBe("7");
  expect(await statusWith({ authorization: `Bearer ${await newKey("ingest")}` })).toBe("0");
  session.close();
});

test("in server mode any Host is fine, for a key is asked for; /metrics is for this machine only", async () => {
  const key = await newKey("ingest");
  const response = await post(ingest.url, "/v1/traces", oneSpan(), { authorization: key, "x-forwarded-host": "spans.example" });
  expect(response.status).toBe(200);
  expect(await (await fetch(`${ingest.url}/metrics`)).text()).toMatch(/^spanwatch_ingest_spans_total [1-9]/m);
  expect((await fetch(`${ingest.url}/metrics`, { headers: { "x-forwarded-for": "203.0.113.9" } })).status).toBe(404);
});
