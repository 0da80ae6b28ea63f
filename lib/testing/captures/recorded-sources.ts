import { createHash } from "node:crypto";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import type { Handshake, Reject, SelfMetric, Sender, SenderRoot, SourceEvidence, TraceFinding } from "@/lib/diagnosis/source-check";
import { asksForRoots } from "@/lib/diagnosis/source-checks/silent-worker";
import type { SpanRecord } from "@/lib/otel/span";
import { looksInterleaved } from "@/lib/otlp/interleaved";
import type { CaptureEvent } from "./capture";

type Request = CaptureEvent & { event: "request" };
type Garbage = CaptureEvent & { event: "garbage" };

interface Counts {
  endedSpans: number;
  logs: number;
  trimmedSpans: number;
}

/** What a recording tells of senders beside the records: counts, hand-shakes, refusals and the SDKs' own metrics, as ingest would have kept them. */
export class RecordedSources {
  readonly #handshakes: Handshake[] = [];
  readonly #rejects: { atMs: number; conn: number; status: number; reason: string; detail: string }[] = [];
  readonly #counts = new Map<string, Counts>();
  readonly #metrics = new Map<string, Map<string, SelfMetric>>();

  noteHandshake({ headers, conn }: Request, atMs: number): void {
    const userAgent = headers["user-agent"] ?? "";
    const direct = !headers["x-forwarded-for"];
    this.#handshakes.push({ atMs, connectionId: String(conn), peer: "127.0.0.1", userAgent, tokenHash: tokenHashOf(headers), direct });
  }

  /** A body that could not be read, or bytes that were no request (lib/ingest/receive, http-garbage). */
  noteReject(event: Request | Garbage, atMs: number): void {
    const raw = Buffer.from((event.event === "garbage" ? event.raw : event.body) ?? "", "base64");
    const isGarbage = event.event === "garbage";
    const reason = looksInterleaved(isGarbage ? raw.subarray(1) : raw) ? "interleaved-requests" : isGarbage ? "garbage" : "malformed";
    this.#rejects.push({ atMs, conn: event.conn, status: 400, reason, detail: "" });
  }

  count(processId: string, counts: Partial<Counts>): void {
    const known = this.#counts.get(processId) ?? { endedSpans: 0, logs: 0, trimmedSpans: 0 };
    for (const key of ["endedSpans", "logs", "trimmedSpans"] as const) known[key] += counts[key] ?? 0;
    this.#counts.set(processId, known);
  }

  noteMetric(processId: string, metric: SelfMetric, isDelta: boolean): void {
    const known = this.#metrics.get(processId) ?? new Map<string, SelfMetric>();
    this.#metrics.set(processId, known);
    const key = JSON.stringify([metric.name, metric.attributes]);
    known.set(key, isDelta ? { ...metric, value: metric.value + (known.get(key)?.value ?? 0) } : metric);
  }

  evidenceOf(
    senders: readonly Sender["process"][],
    records: Iterable<readonly SpanRecord[]>,
    traceFindings: readonly TraceFinding[],
    nowMs: number,
    settings: DiagnosisSettings,
  ): SourceEvidence {
    const byConnection = (conn: number) =>
      senders.filter(({ connections }) => connections.some((one) => one.connectionId === String(conn)));
    const evidence: SourceEvidence = {
      nowMs,
      settings,
      sinceMs: 0,
      senders: senders.map((process) => ({
        process,
        ...(this.#counts.get(process.processId) ?? { endedSpans: 0, logs: 0, trimmedSpans: 0 }),
        metrics: [...(this.#metrics.get(process.processId)?.values() ?? [])],
      })),
      handshakes: [...this.#handshakes],
      rejects: this.#rejects.flatMap(({ conn, ...reject }): Reject[] => {
        const carried = byConnection(conn);
        const connectionId = String(conn);
        const direct = carried.every(({ connections }) => connections.every((one) => one.connectionId !== connectionId || one.direct));
        return carried.length > 0 ? [{ ...reject, connectionId, direct, processIds: carried.map(({ processId }) => processId) }] : [];
      }),
      roots: [],
      traceFindings,
    };
    return asksForRoots(evidence) ? { ...evidence, roots: [...records].flatMap(rootOf) } : evidence;
  }
}

export const tokenHashOf = (headers: Record<string, string>): string | null =>
  headers.authorization === undefined ? null : createHash("sha256").update(headers.authorization).digest("hex");

function rootOf(records: readonly SpanRecord[]): SenderRoot[] {
  const own = records.filter(({ parentSpanId }) => parentSpanId === null);
  const [first] = own;
  if (!first) return [];
  const { traceId, spanId, name, processId, startTimeUnixNano } = first;
  const reports = own.filter((record) => record.spanId === spanId);
  let end: SpanRecord | null = null;
  for (const record of reports) {
    if (record.endTimeUnixNano !== null && (end === null || record.endTimeUnixNano > (end.endTimeUnixNano as bigint))) end = record;
  }
  const startReceivedMs = reports.find(({ phase }) => phase === "start")?.receivedMs ?? null;
  const endTimeUnixNano = end?.endTimeUnixNano ?? null;
  return [
    { traceId, spanId, name, processId, startTimeUnixNano, endTimeUnixNano, startReceivedMs, endReceivedMs: end?.receivedMs ?? null },
  ];
}
