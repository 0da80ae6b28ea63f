import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { storeRecords } from "@/db/testing/factories";
import { spanRecord, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { listProcessEvidence } from "./processes";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.db.$client.query("truncate process, connection, connection_process"));

const set = (text: string) => database.db.$client.query(text);
/** Process `p`, which names its pid, on connection `c`, heard of `atMs` after the epoch, when the connection opened. */
const heard = async (p: number, c: number, atMs: number, service = "shop") => {
  await storeRecords(database.db, {
    spans: [spanRecord({ processId: String(p), connectionId: String(c), receivedMs: TEST_EPOCH_MS + atMs, service })],
  });
  await set(`update process set pid = id where id = ${p}`);
};
const close = (c: number, atMs: number, by = "client") =>
  set(`update connection set closed_ms = ${TEST_EPOCH_MS + atMs}, closed_by = '${by}' where id = ${c}`);
const evidenceOf = async (p: number) => (await listProcessEvidence(database.db, [String(p)]))[0];

describe("whether a path reconnects, so that a closed connection there says nothing", () => {
  test("a process that came back 200 ms after its connection was closed makes its path one that reconnects, for its likes too", async () => {
    await heard(1, 11, 0);
    await close(11, 50);
    await heard(1, 12, 250);
    await heard(2, 13, 5_000);
    expect((await evidenceOf(1))?.pathReconnects).toBe(true);
    expect((await evidenceOf(2))?.pathReconnects).toBe(true);
  });

  test("the last batch of a clean exit, sent on a new connection 3 ms after the close, does not", async () => {
    await heard(1, 11, 0);
    await close(11, 50);
    await heard(1, 12, 53);
    expect((await evidenceOf(1))?.pathReconnects).toBe(false);
  });

  test("a connection that we closed ourselves does not", async () => {
    await heard(1, 11, 0);
    await close(11, 50, "server");
    await heard(1, 12, 2_000);
    expect((await evidenceOf(1))?.pathReconnects).toBe(false);
  });

  test("a connection that was closed while another went on being used does not", async () => {
    await heard(1, 11, 0);
    await heard(1, 12, 10);
    await close(11, 50);
    await heard(1, 13, 2_000);
    expect((await evidenceOf(1))?.pathReconnects).toBe(false);
  });

  test("where neither pid nor instance id is sent, whoever opens the next connection may be the same process", async () => {
    await heard(1, 11, 0);
    await close(11, 50);
    await heard(2, 12, 2_000);
    await set("update process set pid = null");
    expect((await evidenceOf(2))?.pathReconnects).toBe(true);
  });

  test("another process that came later does not, nor another service's path, nor one from another machine", async () => {
    await heard(1, 11, 0);
    await close(11, 50);
    await heard(2, 12, 2_000);
    expect((await evidenceOf(2))?.pathReconnects).toBe(false);
    await heard(1, 13, 3_000);
    await heard(3, 14, 4_000, "other");
    await heard(4, 15, 4_000);
    await set("update connection set peer = '10.0.0.9' where id = 15");
    expect((await evidenceOf(1))?.pathReconnects).toBe(true);
    expect((await evidenceOf(3))?.pathReconnects).toBe(false);
    expect((await evidenceOf(4))?.pathReconnects).toBe(false);
  });
});

test("a connection tells of all processes that it carried, and how each used it", async () => {
  await heard(1, 11, 0);
  await heard(2, 11, 40);
  await heard(2, 12, 60);
  const [first, second] = await listProcessEvidence(database.db, ["2", "1", "2", "999"]);
  expect(first).toMatchObject({ processId: "1", connections: [{ connectionId: "11", firstReceivedMs: TEST_EPOCH_MS, requests: 1 }] });
  expect(first?.connections[0]?.processIds.sort()).toEqual(["1", "2"]);
  expect(second?.connections.map(({ connectionId }) => connectionId)).toEqual(["11", "12"]);
});

test("a later process of the same instance id took the place of an earlier one, not the other way round", async () => {
  await heard(1, 11, 0);
  await heard(2, 12, 1_000);
  await heard(3, 13, 2_000);
  await set("update process set instance_id = 'i' where id in (1, 2, 3)");
  expect((await evidenceOf(1))?.replacedBy).toEqual({ processId: "2", firstReceivedMs: TEST_EPOCH_MS + 1_000 });
  expect((await evidenceOf(3))?.replacedBy).toBeNull();
});

test("a pid on this machine that is not known to be the sender proves that something lives, never that it ended", async () => {
  await heard(1, 11, 0);
  expect((await evidenceOf(1))?.local).toBeNull();
  await set("update process set local_pid = 7, local_verified_by = 'socket', local_alive_ms = 5, local_gone_ms = 9");
  expect((await evidenceOf(1))?.local).toEqual({ pid: 7, verifiedBy: "socket", aliveAtMs: 5, goneAtMs: 9 });
  await set("update process set local_verified_by = null");
  expect((await evidenceOf(1))?.local).toBeNull();
  await set("update process set local_gone_ms = null");
  expect((await evidenceOf(1))?.local).toEqual({ pid: 7, verifiedBy: null, aliveAtMs: 5, goneAtMs: null });
});
