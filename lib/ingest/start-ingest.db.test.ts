import { fork } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { StartError } from "@/lib/errors";
import { DatabaseProxy } from "./testing/database-proxy";
import { eventually, oneSpan, post, rawPost, rawSocket, startTestIngest } from "./testing/ingest-under-test";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("a port that is taken stops the start with one line that names its setting", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  const refused = await startTestIngest(database.url, { otlpGrpcPort: port }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StartError);
  expect((refused as StartError).message).toBe(
    `OTLP_GRPC_PORT="${port}" cannot be used: another program listens on 127.0.0.1:${port}. Expected a free port.`,
  );
  other.close();
});

test("told to stop, it finishes what it has in hand, answers it, and takes nothing new", async () => {
  const proxy = await DatabaseProxy.open(database.url);
  const ingest = await startTestIngest(proxy.url);
  await eventually(async () => ((await fetch(`${ingest.url}/readyz`)).ok ? true : null));
  proxy.freeze();
  const { socket, answer } = await rawSocket(ingest.httpPort);
  socket.write(rawPost("/v1/traces", oneSpan({ name: "in hand" })));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const closing = ingest.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await expect(post(ingest.url, "/v1/traces", oneSpan())).rejects.toThrow();
  proxy.thaw();
  expect(await answer((text) => text.includes("\r\n\r\n"))).toMatch(/^HTTP\/1.1 200 /);
  await closing;
  const { rows } = await database.db.$client.query("select connection_id from span_record where name = 'in hand'");
  expect(rows).toHaveLength(1);
  const connection = await database.db.$client.query("select closed_by from connection where id = $1", [rows[0].connection_id]);
  expect(connection.rows).toEqual([{ closed_by: "server" }]);
  await proxy.stop();
});

test("told to stop while its database hangs, it stops all the same, and says so to whoever waits", async () => {
  const proxy = await DatabaseProxy.open(database.url);
  const ingest = await startTestIngest(proxy.url);
  await eventually(async () => ((await fetch(`${ingest.url}/readyz`)).ok ? true : null));
  proxy.freeze();
  const beganMs = Date.now();
  const answer = post(ingest.url, "/v1/traces", oneSpan()).then(
    (response) => response.status,
    () => "cut off",
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  await ingest.close();
  expect(Date.now() - beganMs).toBeLessThan(15_000);
  expect(await answer).toBe(503);
  await proxy.stop();
});

test("as a process it says when it is ready, and ends with exit code 0 on SIGTERM and when its parent is gone", async () => {
  const start = async () => {
    const child = fork("lib/ingest/main.ts", {
      execArgv: ["--import", "tsx"],
      env: { ...process.env, DATABASE_URL: database.url, OTLP_HTTP_PORT: "20161", OTLP_GRPC_PORT: "20162", LOG_LEVEL: "warn" },
    });
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
    expect(await new Promise((resolve) => child.once("message", resolve))).toEqual({ type: "ready" });
    return { child, exited };
  };
  const first = await start();
  expect((await post("http://127.0.0.1:20161", "/v1/traces", oneSpan())).status).toBe(200);
  first.child.kill("SIGTERM");
  expect(await first.exited).toBe(0);
  const second = await start();
  second.child.disconnect();
  expect(await second.exited).toBe(0);
});
