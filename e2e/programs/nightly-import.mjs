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
  const workers = [1, 2, 3].map((number) => fork(new URL(import.meta.url), { env: { ...process.env, WORKER: String(number) } }));
  const exits = workers.map((child) => once(child, "exit"));
  await Promise.all(workers.map((child) => once(child, "message")));
  await logfire.span("nightly import", {
    attributes: { files: 3 },
    callback: async () => {
      await logfire.span("list files", { callback: () => sleep(180) });
      const carrier = {};
      propagation.inject(context.active(), carrier);
      for (const child of workers) child.send(carrier);
      const [inside] = await once(workers[2], "message");
      process.stdout.write(`${JSON.stringify({ event: "open", ...inside })}\n`);
      await Promise.all(exits);
      logfire.warning("worker 3 ended without a word");
      await logfire.span("write summary", { callback: () => sleep(150) });
    },
  });
}

async function work() {
  process.send("ready");
  const [carrier] = await once(process, "message");
  await context.with(propagation.extract(context.active(), carrier), () =>
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
            if (worker === 3) process.send({ traceId, spanId, pid: process.pid });
            await sleep(worker === 3 ? 2 ** 31 - 1 : 900);
          },
        });
      },
    }),
  );
}

await (worker ? work() : importFiles());
await logfire.shutdown();
process.disconnect?.();
