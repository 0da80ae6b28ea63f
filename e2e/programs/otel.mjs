// A program of a user: fulfils one order, instrumented with the OpenTelemetry SDK for Node. Endpoint and protocol come from the usual
// OTEL_EXPORTER_OTLP_* variables. Prints the ids of its spans as JSON lines, so that the test knows what to look for.
//
//   node otel.mjs healthy   ends everything and shuts the SDK down
//   node otel.mjs hang      ends one child, sends it, and waits inside the parent until it is killed
//   node otel.mjs parent    starts a span and gives its context away (TRACEPARENT on stdout); ends it when a line comes on stdin
//   node otel.mjs child     continues the context in the variable TRACEPARENT with three spans and ends in good order
import { once } from "node:events";
import { context, propagation, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";

const exporters = {
  "http/protobuf": () => import("@opentelemetry/exporter-trace-otlp-proto"),
  "http/json": () => import("@opentelemetry/exporter-trace-otlp-http"),
  grpc: () => import("@opentelemetry/exporter-trace-otlp-grpc"),
};
const { OTLPTraceExporter } = await exporters[process.env.OTEL_EXPORTER_OTLP_PROTOCOL]();
const sdk = new NodeSDK({ traceExporter: new OTLPTraceExporter() });
sdk.start();

const tracer = trace.getTracer("orders");
const say = (event, span, more = {}) => {
  const { traceId, spanId } = span.spanContext();
  process.stdout.write(`${JSON.stringify({ event, traceId, spanId, ...more })}\n`);
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function step(name, ms) {
  await tracer.startActiveSpan(name, async (span) => {
    await sleep(ms);
    span.end();
  });
}

const scenarios = {
  async healthy() {
    await tracer.startActiveSpan("fulfil order", { attributes: { "order.id": 7731 } }, async (span) => {
      await step("reserve stock", 30);
      await step("charge card", 20);
      span.end();
      say("open", span);
    });
  },

  async hang() {
    await tracer.startActiveSpan("fulfil order", async (span) => {
      await step("reserve stock", 30);
      say("open", span);
      await sleep(2 ** 31 - 1);
    });
  },

  async parent() {
    const span = tracer.startSpan("nightly import");
    const carrier = {};
    propagation.inject(trace.setSpan(context.active(), span), carrier);
    say("open", span, { traceparent: carrier.traceparent });
    await once(process.stdin.resume(), "data");
    process.stdin.pause();
    span.end();
  },

  async child() {
    const parent = propagation.extract(context.active(), { traceparent: process.env.TRACEPARENT });
    for (const name of ["import customers", "import orders", "import invoices"]) {
      const span = tracer.startSpan(name, {}, parent);
      await sleep(10);
      span.end();
      say("ended", span);
    }
  },
};

await scenarios[process.argv[2]]();
await sdk.shutdown();
