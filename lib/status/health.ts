import { connect } from "node:net";
import type { Db } from "@/db/client";
import { type PartsRow, readParts } from "@/db/queries/status";
import type { Config } from "@/lib/config";
import { ingestHost } from "./own-ingest";

export interface HealthCheck {
  status: "ok" | "degraded";
  detail: string;
}
export interface Health {
  status: "ok" | "degraded";
  isDatabaseUp: boolean;
  checks: Record<string, HealthCheck>;
}

/** The lease that lib/scheduler holds while it works. */
const SCHEDULER_LEASE = "scheduler";
/** Arrivals are consumed within a second; beyond this, findings come noticeably late. */
const BACKLOG_MAX_MS = 15_000;
const DATABASE_TIMEOUT_MS = 2_000;
const INGEST_TIMEOUT_MS = 500;

/** How Spanwatch itself is. Never throws, and answers within about two seconds whatever hangs. */
export async function readHealth(db: Db, config: Config, nowMs: number): Promise<Health> {
  const [parts, isIngestUp] = await Promise.all([
    withTimeout(readParts(db, SCHEDULER_LEASE, nowMs), DATABASE_TIMEOUT_MS).catch(() => null),
    answersTcp(config.otlpHttpPort, ingestHost(config)),
  ]);
  const checks = {
    database: parts === null ? degraded("does not answer") : ok("answers"),
    ingest: isIngestUp
      ? ok(`listens on port ${config.otlpHttpPort}`)
      : degraded(`nothing listens on ${ingestHost(config)}:${config.otlpHttpPort}`),
    ...(parts === null ? {} : checksOf(parts)),
  };
  return {
    status: Object.values(checks).every(({ status }) => status === "ok") ? "ok" : "degraded",
    isDatabaseUp: parts !== null,
    checks,
  };
}

function checksOf({ hasPartitions, schedulerLeaseMs, oldestArrivalMs }: PartsRow): Record<string, HealthCheck> {
  const scheduler =
    schedulerLeaseMs === null || schedulerLeaseMs <= 0
      ? degraded("no scheduler holds the lease: nothing is diagnosed")
      : oldestArrivalMs > BACKLOG_MAX_MS
        ? degraded(`diagnosis is ${Math.round(oldestArrivalMs / 1000)} s behind`)
        : ok("at work");
  return { scheduler, partitions: hasPartitions ? ok("made ahead") : degraded("the next partition is missing: ingest will fail") };
}

const ok = (detail: string): HealthCheck => ({ status: "ok", detail });
const degraded = (detail: string): HealthCheck => ({ status: "degraded", detail });

function answersTcp(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: INGEST_TIMEOUT_MS });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => done(true));
    socket.once("timeout", () => done(false));
    socket.once("error", () => done(false));
  });
}

async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
