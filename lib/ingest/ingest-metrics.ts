import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface IngestMetrics {
  registry: Registry;
  spans: Counter;
  logs: Counter;
  requests: Counter<"signal" | "outcome">;
  rejected: Counter<"reason">;
  ackSeconds: Histogram;
  commitSeconds: Histogram;
  commitSpans: Histogram;
}

/** Counters of this ingest for Prometheus (names: reliability-security.md §2.3). No labels of projects or services: they would leak and grow. */
export function makeIngestMetrics(gauges: {
  bytesInFlight: () => number;
  openConnections: () => number;
  isDatabaseUp: () => boolean;
}): IngestMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "spanwatch_ingest_" });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("spanwatch_ingest_bytes_in_flight", "Inflated bytes of requests that are not answered yet", gauges.bytesInFlight);
  gauge("spanwatch_ingest_connections", "Open connections of senders", gauges.openConnections);
  gauge("spanwatch_ingest_db_up", "1 while at least one writer is connected to the database", () => (gauges.isDatabaseUp() ? 1 : 0));
  const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  return {
    registry,
    spans: new Counter({ name: "spanwatch_ingest_spans_total", help: "Span records stored", registers }),
    logs: new Counter({ name: "spanwatch_ingest_logs_total", help: "Log records stored", registers }),
    requests: new Counter({
      name: "spanwatch_ingest_requests_total",
      help: "Requests taken, by signal and outcome",
      labelNames: ["signal", "outcome"],
      registers,
    }),
    rejected: new Counter({
      name: "spanwatch_ingest_rejected_total",
      help: "Requests refused, and single records (reason=records)",
      labelNames: ["reason"],
      registers,
    }),
    ackSeconds: new Histogram({
      name: "spanwatch_ingest_ack_seconds",
      help: "From the head of a request to its answer, durable",
      buckets: seconds,
      registers,
    }),
    commitSeconds: new Histogram({ name: "spanwatch_ingest_commit_seconds", help: "One group commit", buckets: seconds, registers }),
    commitSpans: new Histogram({
      name: "spanwatch_ingest_commit_spans",
      help: "Span records of one group commit",
      buckets: [1, 10, 100, 500, 1000, 2500, 5000, 10_000],
      registers,
    }),
  };
}
