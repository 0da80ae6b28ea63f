// A program of a user: fulfils one order, instrumented with the Logfire SDK for Node, which says when a span starts as well as when it
// ends. LOGFIRE_BASE_URL and LOGFIRE_TOKEN say where to. Prints the ids of its open spans as JSON lines.
//
//   node logfire.mjs healthy   ends everything and shuts the SDK down
//   node logfire.mjs hang      sends what it has and waits inside `charge card` until it is killed
import { trace } from "@opentelemetry/api";
import * as logfire from "@pydantic/logfire-node";

logfire.configure();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (event) => {
  const { traceId, spanId } = trace.getActiveSpan().spanContext();
  process.stdout.write(`${JSON.stringify({ event, traceId, spanId })}\n`);
};

await logfire.span("fulfil order", {
  attributes: { order: 7731 },
  callback: async () => {
    logfire.info("order accepted");
    await logfire.span("reserve stock", { callback: () => sleep(20) });
    await logfire.span("charge card", {
      callback: async () => {
        await logfire.forceFlush();
        say("open");
        if (process.argv[2] === "hang") await sleep(2 ** 31 - 1);
      },
    });
  },
});
await logfire.shutdown();
