import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { looksInterleaved } from "./interleaved";
import { decodeLogs, decodeMetrics, decodeTraces } from "./protobuf";
import { protoType } from "./testing/otlp-proto";
import { logRows, spanRows } from "./testing/rows";
import { decodeZipkin } from "./zipkin";

/** Recorded traffic of real SDKs, where it is at hand: not part of the repository. */
const CAPTURES = process.env.SPANWATCH_CAPTURES ?? "../shared/captures";
const isThere = existsSync(CAPTURES);
const names = isThere ? readdirSync(CAPTURES).filter((name) => existsSync(join(CAPTURES, name, "traffic.jsonl.gz"))) : ["any capture"];
const title = isThere ? `captures in ${CAPTURES}` : `skipped: there is no folder ${CAPTURES}; set SPANWATCH_CAPTURES`;

interface Recorded {
  event: string;
  method?: string;
  path?: string;
  headers: Record<string, string>;
  body?: string;
  grpcCompressed?: boolean;
}

type Message = Record<string, Message[] | undefined>;
const read = (type: string, body: Uint8Array): Message =>
  protoType(type).toObject(protoType(type).decode(body), { longs: String }) as Message;
const records = (message: Message, groups: string, scopes: string, list: string): Message[] =>
  (message[groups] ?? []).flatMap((group) => (group[scopes] ?? []).flatMap((scope) => scope[list] ?? []));

describe.skipIf(!isThere)(`every recorded body decodes to as many records as protobufjs finds (${title})`, () => {
  test.each(names)("%s", (name) => {
    const traffic = gunzipSync(readFileSync(join(CAPTURES, name, "traffic.jsonl.gz"))).toString();
    for (const line of traffic.split("\n").filter(Boolean)) {
      const request = JSON.parse(line) as Recorded;
      if (request.event !== "request" || request.method === "GET" || !request.body) continue;
      const wire = Buffer.from(request.body, "base64");
      const body = unpacked(request, wire);
      if (body) compare(request.path ?? "", body, wire);
      else expect(looksInterleaved(wire)).toBe(true);
    }
  });
});

function unpacked({ headers, grpcCompressed }: Recorded, wire: Buffer): Buffer | null {
  try {
    return headers["content-encoding"] === "gzip" || grpcCompressed ? gunzipSync(wire) : wire;
  } catch {
    return null;
  }
}

function compare(path: string, body: Buffer, wire: Buffer): void {
  if (path === "/api/v2/spans") {
    expect(spanRows(decodeZipkin(body))).toHaveLength((JSON.parse(body.toString()) as unknown[]).length);
  } else if (/metric/i.test(path)) {
    const digest = decodeMetrics(body);
    const points = records(read("ExportMetricsServiceRequest", body), "resource_metrics", "scope_metrics", "metrics").flatMap((metric) =>
      ["gauge", "sum", "histogram", "exponential_histogram", "summary"].flatMap(
        (data) => (metric[data] as unknown as Message)?.data_points ?? [],
      ),
    );
    expect(digest.points.length + digest.droppedPoints).toBe(points.length);
  } else if (/trace/i.test(path)) {
    if (looksInterleaved(wire)) return;
    const batch = decodeTraces(body);
    const spans = records(read("ExportTraceServiceRequest", body), "resource_spans", "scope_spans", "spans");
    expect(spanRows(batch).length + logRows(batch).length).toBe(spans.length);
    expect(batch.rejectedCount).toBe(0);
  } else {
    const batch = decodeLogs(body);
    const logs = records(read("ExportLogsServiceRequest", body), "resource_logs", "scope_logs", "log_records");
    expect(spanRows(batch).length + logRows(batch).length).toBe(logs.length);
  }
}
