// A program of a user: a nightly import that spreads its files over three worker processes, each with the Logfire SDK for Node, and hands
// its trace context to them. Worker 3 waits inside `write rows` until it is killed; the others end well.
import { fork } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { context, propagation, trace } from "@opentelemetry/api";
import * as logfire from "@pydantic/logfire-node";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const worker = Number(process.env.WORKER ?? 0);
logfire.configure({ resourceAttributes: { "process.pid": process.pid, "host.name": hostname() } });

async function importFiles() {
  await logfire.span("nightly import", {
    attributes: { files: 3 },
    callback: async () => {
      await logfire.span("list files", { callback: () => sleep(180) });
      const carrier = {};
      propagation.inject(context.active(), carrier);
      const workers = [1, 2, 3].map((number) =>
        fork(new URL(import.meta.url), { env: { ...process.env, WORKER: String(number), TRACEPARENT: carrier.traceparent } }),
      );
      const exits = workers.map((child) => once(child, "exit"));
      const [message] = await once(workers[2], "message");
      process.stdout.write(`${JSON.stringify({ event: "open", ...message })}\n`);
      await Promise.all(exits.slice(0, 2));
      await exits[2];
      logfire.warning("worker 3 ended without a word");
      await logfire.span("write summary", { callback: () => sleep(150) });
    },
  });
}

async function work() {
  await context.with(propagation.extract(context.active(), { traceparent: process.env.TRACEPARENT }), () =>
    logfire.span(`import file ${worker}`, {
      attributes: { worker, file: `customers-${worker}.csv` },
      callback: async () => {
        await logfire.span("read rows", { callback: () => sleep(250 + 120 * worker) });
        logfire.info("12 400 rows read");
        await logfire.span("check rows", { callback: () => sleep(140) });
        await logfire.span("write rows", {
          attributes: { table: "customers" },
          callback: async () => {
            await logfire.forceFlush();
            const { traceId, spanId } = trace.getActiveSpan().spanContext();
            process.send?.({ traceId, spanId, pid: process.pid });
            await sleep(worker === 3 ? 2 ** 31 - 1 : 420);
          },
        });
      },
    }),
  );
}

await (worker ? work() : importFiles());
await logfire.shutdown();
process.disconnect?.();
