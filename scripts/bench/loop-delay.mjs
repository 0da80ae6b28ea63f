// Preloaded into a part of the product that is being measured: asked over IPC, says for how long its event loop was held up since it was
// asked last, and how much memory it holds.
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 2;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on("message", (message) => {
  if (message?.type !== "how are you") return;
  const ms = (percentile) => Math.max(0, delay.percentile(percentile) / 1e6 - RESOLUTION_MS);
  process.send({ type: "fine", p50Ms: ms(50), p95Ms: ms(95), p99Ms: ms(99), rssBytes: process.memoryUsage().rss });
  delay.reset();
});
