import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CopyBuffer } from "@/db/copy-binary";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { WriteConnection } from "@/db/write-connection";
import type { RecordBatch } from "@/lib/otel/record-batch";
import { decodeLogs, decodeTraces } from "@/lib/otlp/protobuf";
import { anyLogsRequest, anyTracesRequest } from "@/lib/otlp/testing/arbitrary";
import { COPY_LOG_RECORDS, encodeLogRecords } from "./log-records";
import { halvesOf, type RowContext } from "./row-context";
import { COPY_SPAN_RECORDS, encodeSpanRecords } from "./span-records";

let database: TestDatabase;
let writer: WriteConnection;
beforeAll(async () => {
  database = await createTestDatabase();
  writer = await WriteConnection.open({ connectionString: database.url, applicationName: "test", connectTimeoutMs: 5_000, session: [] });
});
afterAll(async () => {
  await writer.end();
  await database.close();
});

const receivedMs = Date.now();
const contextOf = (batch: RecordBatch): RowContext => ({
  projectId: 3,
  received: halvesOf(BigInt(receivedMs)),
  requestId: halvesOf(-5n),
  connectionId: halvesOf(6n),
  resources: batch.resources.map((resource, i) => ({
    resourceId: halvesOf(BigInt(i)),
    processId: halvesOf(-BigInt(i) - 1n),
    service: Buffer.from(resource.service),
  })),
  scopeIds: batch.scopes.map((_, i) => halvesOf(BigInt(i) + 100n)),
});

/** Everything a COPY writes can be read again as it was decoded; the table's own order is that of writing. */
async function storedRows(table: string, copy: string, fill: (out: CopyBuffer) => boolean): Promise<Record<string, unknown>[]> {
  await writer.begin([
    { name: "", text: `truncate ${table}`, values: [] },
    { copy, fill },
  ]);
  await writer.commit();
  return (await database.db.$client.query(`select * from ${table} order by ctid`)).rows;
}

const part = (bytes: Uint8Array, at: number, length: number) => (at < 0 ? null : Buffer.from(bytes.subarray(at, at + length)));
const text = (bytes: Uint8Array, at: number, length: number) => part(bytes, at, length)?.toString() ?? null;
const int8 = (high: number, low: number) => String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)));

test("span records are stored as they were decoded, whatever was sent", async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(anyTracesRequest, async (request) => {
      const batch = decodeTraces(request);
      const context = contextOf(batch);
      let row = 0;
      const rows = await storedRows("span_record", COPY_SPAN_RECORDS, (out) => {
        row = encodeSpanRecords(out, batch, context, row);
        return row < batch.spans.count;
      });
      const { bytes, spans } = batch;
      const at = <Column extends { [i: number]: number }>(column: Column, i: number) => column[i] as number;
      expect(rows).toHaveLength(spans.count);
      seen += rows.length;
      for (const [i, stored] of rows.entries()) {
        const resource = at(spans.resource, i);
        const isEnd = spans.phase[i] === 2;
        expect(stored).toEqual({
          received_ms: String(receivedMs),
          start_ns: int8(at(spans.startHigh, i), at(spans.startLow, i)),
          end_ns: isEnd ? int8(at(spans.endHigh, i), at(spans.endLow, i)) : null,
          request_id: "-5",
          connection_id: "6",
          process_id: String(-resource - 1),
          resource_id: String(resource),
          scope_id: String(at(spans.scope, i) + 100),
          trace_id: part(bytes, at(spans.traceIdAt, i), 16)
            ?.toString("hex")
            .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
          project_id: 3,
          flags: at(spans.flags, i) | 0,
          marks: at(spans.marks, i),
          heartbeat_every_ms: at(spans.heartbeatEveryMs, i) || null,
          dropped_count: at(spans.droppedCount, i) | 0,
          phase: at(spans.phase, i),
          dialect: at(spans.dialect, i),
          kind: at(spans.kind, i),
          status_code: at(spans.statusCode, i),
          span_id: part(bytes, at(spans.spanIdAt, i), 8),
          parent_span_id: part(bytes, at(spans.parentSpanIdAt, i), 8),
          service: batch.resources[resource]?.service,
          name: text(bytes, Math.max(0, at(spans.nameAt, i)), at(spans.nameLength, i)),
          status_message: text(bytes, at(spans.statusMessageAt, i), at(spans.statusMessageLength, i)),
          trace_state: text(bytes, at(spans.traceStateAt, i), at(spans.traceStateLength, i)),
          attributes: part(bytes, at(spans.attributesAt, i), at(spans.attributesLength, i)),
          events: part(bytes, at(spans.eventsAt, i), at(spans.eventsLength, i)),
          links: part(bytes, at(spans.linksAt, i), at(spans.linksLength, i)),
        });
      }
    }),
    { numRuns: 60 },
  );
  expect(seen).toBeGreaterThan(50);
});

test("log records are stored as they were decoded, whatever was sent", async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(anyLogsRequest, async (request) => {
      const batch = decodeLogs(request);
      const context = contextOf(batch);
      let row = 0;
      const rows = await storedRows("log_record", COPY_LOG_RECORDS, (out) => {
        row = encodeLogRecords(out, batch, context, row);
        return row < batch.logs.count;
      });
      const { bytes, logs } = batch;
      expect(rows).toHaveLength(logs.count);
      seen += rows.length;
      for (const [i, stored] of rows.entries()) {
        expect(stored).toMatchObject({
          time_ns: int8(logs.timeHigh[i] as number, logs.timeLow[i] as number),
          severity_number: logs.severityNumber[i],
          span_id: part(bytes, logs.spanIdAt[i] as number, 8),
          message: text(bytes, Math.max(0, logs.messageAt[i] as number), logs.messageLength[i] as number),
          template: text(bytes, logs.templateAt[i] as number, logs.templateLength[i] as number),
          event_name: text(bytes, logs.eventNameAt[i] as number, logs.eventNameLength[i] as number),
          body: part(bytes, logs.bodyAt[i] as number, logs.bodyLength[i] as number),
          attributes: part(bytes, logs.attributesAt[i] as number, logs.attributesLength[i] as number),
        });
      }
    }),
    { numRuns: 60 },
  );
  expect(seen).toBeGreaterThan(50);
});

test("a transaction whose COPY fails half-way leaves nothing, and the connection goes on", async () => {
  const fails = writer.begin([
    {
      copy: COPY_SPAN_RECORDS,
      fill() {
        throw new Error("the encoder failed");
      },
    },
    { name: "after", text: "select 1", values: [] },
  ]);
  await expect(fails).rejects.toThrow("the encoder failed");
  await expect(writer.begin([{ name: "wrong", text: "select 1/0", values: [] }])).rejects.toThrow("division by zero");
  const [rows] = await writer.begin([{ name: "right", text: "select 7", values: [] }]);
  await writer.commit();
  expect(rows).toEqual([["7"]]);
});
