// A program of a user: a job that spreads its work over a fleet of workers, each with the OpenTelemetry SDK for Node, and has the fault that
// its plan says (e2e/fleets/plan.ts). Every process writes what it does into TRUTH, synchronously, before its SDK can lose it: that is what
// really happened.
//
//   PLAN='{…}' TRUTH=/tmp/truth.jsonl OTEL_EXPORTER_OTLP_ENDPOINT=http://… node fleet.mjs
import { fork } from "node:child_process";
import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { context, propagation, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";

// The parts that @opentelemetry/sdk-node and @pydantic/logfire-node are made of, without the instrumentations that take a second to load.
const here = createRequire(import.meta.url);
const otel = createRequire(here.resolve("@opentelemetry/sdk-node"));
const logfire = createRequire(here.resolve("@pydantic/logfire-node"));

const plan = JSON.parse(process.env.PLAN);
const threadNumber = isMainThread ? undefined : workerData?.number;
const number = threadNumber ?? (process.env.WORKER === undefined ? null : Number(process.env.WORKER));
const isFaulty = number !== null && plan.faulty.includes(number);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tell = (event, more = {}) =>
  appendFileSync(process.env.TRUTH, `${JSON.stringify({ t: Date.now() / 1000, pid: process.pid, worker: number, event, ...more })}\n`);

const sdk = startSdk();
tell("process-start");
await (number === null ? runFleet() : work());

function startSdk() {
  const { BasicTracerProvider, BatchSpanProcessor } = otel("@opentelemetry/sdk-trace-base");
  const { resourceFromAttributes, defaultResource } = otel("@opentelemetry/resources");
  const kind = plan.json ? "http" : "proto";
  const { OTLPTraceExporter } = here(`@opentelemetry/exporter-trace-otlp-${kind}`);
  const resource = defaultResource().merge(
    resourceFromAttributes({
      "service.name": plan.service,
      "host.name": hostname(),
      ...(plan.identity === "instance" ? {} : { "process.pid": process.pid }),
      ...(plan.identity === "pid" ? {} : { "service.instance.id": randomUUID() }),
    }),
  );
  const batch = new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: plan.batchMs });
  const { PendingSpanProcessor } = plan.starts ? logfire("logfire") : {};
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: PendingSpanProcessor ? [batch, new PendingSpanProcessor(batch)] : [batch],
  });
  const { AsyncLocalStorageContextManager } = otel("@opentelemetry/context-async-hooks");
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new (otel("@opentelemetry/core").W3CTraceContextPropagator)());
  if (!plan.logs) return { tracer: provider.getTracer("fleet"), flush: () => provider.forceFlush(), shutdown: () => provider.shutdown() };

  const { LoggerProvider, BatchLogRecordProcessor } = otel("@opentelemetry/sdk-logs");
  const { OTLPLogExporter } = otel(`@opentelemetry/exporter-logs-otlp-${kind}`);
  // A worker whose logs are never flushed: its processor would send them in a minute, and it leaves before.
  const delay = plan.fault === "logs-not-flushed" && isFaulty ? 60_000 : plan.batchMs;
  const logs = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(), scheduledDelayMillis: delay })],
  });
  const logger = logs.getLogger("fleet");
  return {
    tracer: provider.getTracer("fleet"),
    log: (body) => logger.emit({ body, severityNumber: SeverityNumber.INFO, context: context.active() }),
    flush: () => Promise.all([provider.forceFlush(), logs.forceFlush()]),
    shutdown: () => (delay === 60_000 ? provider.shutdown() : Promise.all([provider.shutdown(), logs.shutdown()])),
  };
}

/** Runs `inside` in a span; ends it unless `ends` is false. */
async function span(name, inside, { parent = context.active(), ends = true } = {}) {
  const own = sdk.tracer.startSpan(name, {}, parent);
  const { traceId, spanId } = own.spanContext();
  const about = { trace: traceId, span: spanId, parent: trace.getSpan(parent)?.spanContext().spanId ?? null, name };
  tell("span-start", about);
  const result = await context.with(trace.setSpan(parent, own), () => inside(own));
  if (ends) {
    own.end();
    tell("span-end", about);
  }
  return result;
}

async function runFleet() {
  const carrier = {};
  const inject = () => propagation.inject(context.active(), carrier);
  let workers = [];
  let exits = [];
  await span(`run ${plan.job}`, async () => {
    await span("prepare", async () => {
      if (plan.fault === "stale-carrier") inject();
      await sleep(plan.stepMs);
    });
    if (plan.fault === "parent-ended-early") {
      inject();
      return;
    }
    await span("run workers", async () => {
      if (plan.fault !== "stale-carrier" && plan.fault !== "no-context") inject();
      workers = Array.from({ length: plan.workers }, (_, i) => startWorker(i, carrier));
      exits = workers.map(({ exited }) => exited);
      if (plan.fault === "terminated-by-parent") {
        // It leaves its block without waiting for these.
        const ready = plan.faulty.map((i) => workers[i].ready);
        await Promise.all([...ready, ...exits.filter((_, i) => !plan.faulty.includes(i))]);
        for (const i of plan.faulty) workers[i].stop();
        return;
      }
      await Promise.all(exits);
    });
  });
  if (plan.fault === "parent-ended-early") {
    await sleep(20);
    exits = Array.from({ length: plan.workers }, (_, i) => startWorker(i, carrier).exited);
  }
  await Promise.all(exits);
  await sdk.shutdown();
  process.exit(0);
}

function startWorker(i, carrier) {
  const env = { ...process.env, WORKER: String(i), CARRIER: JSON.stringify(carrier) };
  const file = fileURLToPath(import.meta.url);
  if (plan.spawn === "thread") {
    const worker = new Worker(file, { env, workerData: { number: i } });
    return { exited: once(worker, "exit"), ready: once(worker, "message"), stop: () => void worker.terminate() };
  }
  if (plan.spawn === "cluster") cluster.setupPrimary({ exec: file });
  const worker = plan.spawn === "cluster" ? cluster.fork(env) : fork(file, { env });
  return { exited: once(worker, "exit"), ready: once(worker, "message"), stop: () => void (worker.process ?? worker).kill("SIGTERM") };
}

async function work() {
  const parent = propagation.extract(context.active(), JSON.parse(process.env.CARRIER));
  const leave = async () => {
    await sdk.shutdown();
    if (plan.fault === "killed-when-done" && isFaulty) process.kill(process.pid, "SIGKILL");
    process.exit(0);
  };
  if (plan.fault === "silent" && isFaulty) {
    // It works, and is gone before its SDK has sent anything.
    await span(`work #${number}`, () => undefined, { parent });
    process.exit(1);
  }
  await span(
    `work #${number}`,
    async () => {
      await sleep(plan.staggerMs * number);
      for (let step = 0; step < plan.steps; step++) {
        await span("step", async () => {
          sdk.log?.(`worker ${number}: part ${step} begun`);
          await sleep(plan.stepMs);
          sdk.log?.(`worker ${number}: part ${step} done`);
        });
      }
      if (isFaulty) await misbehave();
    },
    { parent },
  );
  await leave();
}

async function misbehave() {
  if (plan.fault === "killed") {
    await span("last step", async () => {
      await sdk.flush();
      process.kill(process.pid, "SIGKILL");
      await sleep(60_000);
    });
  }
  if (plan.fault === "exit-before-flush") {
    await sdk.flush();
    await span("last step", () => undefined);
    // The work is done; what tells of it is still in the queue.
    process.exit(0);
  }
  if (plan.fault === "terminated-by-parent") {
    await span("last step", async () => {
      await sdk.flush();
      if (isMainThread) process.send("ready");
      else parentPort.postMessage("ready");
      await sleep(60_000);
    });
  }
  if (plan.fault === "never-ended") {
    await span("forgotten", () => span("inside", () => sleep(plan.stepMs)), { ends: false });
  }
}
