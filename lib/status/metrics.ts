import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { countOpenFindings, countOpenSpans, countTracesSince } from "@/db/queries/status";
import type { Context } from "@/lib/auth/context";
import { logger } from "@/lib/logger";
import { IngestCounter } from "./ingest-counter";

const HOUR_MS = 3_600_000;

interface Metrics {
  process: Registry;
  ingest: Map<number, IngestCounter>;
}
const place = globalThis as { spanwatchMetrics?: Metrics };

/**
 * What Prometheus scrapes, in its text format: the counts of the viewer's project, and this web process. Answers also when the database
 * does not, with `spanwatch_database_up 0`: that is when one wants to know.
 */
export async function readMetrics(ctx: Context): Promise<{ contentType: string; text: string }> {
  const metrics = ownMetrics();
  const registry = new Registry();
  const up = new Gauge({ name: "spanwatch_database_up", help: "1 when the database answers.", registers: [registry] });
  try {
    await readProject(ctx, registry, metrics);
    up.set(1);
  } catch (error) {
    logger.warn({ err: error }, "metrics without the database");
    registry.clear();
    registry.registerMetric(up);
    up.set(0);
  }
  const all = Registry.merge([registry, metrics.process]);
  return { contentType: all.contentType, text: await all.metrics() };
}

async function readProject({ db, viewer: { projectId }, nowMs }: Context, registry: Registry, metrics: Metrics): Promise<void> {
  const registers = [registry];
  const [findings, openSpans, traces, ingested] = await Promise.all([
    countOpenFindings(db, projectId),
    countOpenSpans(db, projectId),
    countTracesSince(db, projectId, nowMs - HOUR_MS),
    counterOf(metrics, projectId).read(db, projectId, nowMs),
  ]);
  const labelNames = ["kind", "severity", "certainty"] as const;
  const found = new Gauge({ name: "spanwatch_open_findings", help: "Findings that are open now.", labelNames, registers });
  for (const { count, ...labels } of findings) found.set(labels, count);
  const open = new Gauge({ name: "spanwatch_open_spans", help: "Spans open or missing now, by state.", labelNames: ["state"], registers });
  for (const { count, state } of openSpans) open.set({ state }, count);
  new Gauge({ name: "spanwatch_traces_last_hour", help: "Traces first received in the last hour.", registers }).set(traces);
  const since = "since this web process was first scraped.";
  new Counter({ name: "spanwatch_ingested_spans_total", help: `Spans stored ${since}`, registers }).inc(ingested.spans);
  new Counter({ name: "spanwatch_ingested_log_records_total", help: `Log records stored ${since}`, registers }).inc(ingested.logs);
  new Counter({ name: "spanwatch_rejected_records_total", help: `Records refused one by one ${since}`, registers }).inc(ingested.rejected);
}

function ownMetrics(): Metrics {
  if (place.spanwatchMetrics === undefined) {
    place.spanwatchMetrics = { process: new Registry(), ingest: new Map() };
    collectDefaultMetrics({ register: place.spanwatchMetrics.process, prefix: "spanwatch_web_" });
  }
  return place.spanwatchMetrics;
}

function counterOf({ ingest }: Metrics, projectId: number): IngestCounter {
  const known = ingest.get(projectId) ?? new IngestCounter();
  ingest.set(projectId, known);
  return known;
}
