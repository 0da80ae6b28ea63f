// Sends the gallery, as a process of its own that listens on nothing: sent from the web server itself, which holds connections of its
// callers meanwhile, it would look like a forwarder's traffic, and nothing could be said of the processes behind it.
//
// Takes one order as a line of JSON on stdin: `{ endpoint, token, heldForMs, exhibits: [[{ line, userAgent, steps, connection, afterMs }]] }`
// (steps: lib/demo/wire.ts),
// answers one line (`{}` or `{ error, code }`), and holds what is to be held until stdin ends or the time is up.
import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const ANSWER_WITHIN_MS = 15_000;
/** A process that flushes as it leaves closes within a quarter of a second (lib/diagnosis/orderly-exit); those of the gallery are killed. */
const CLOSES_AFTER_MS = 400;

const orders = createInterface({ input: process.stdin });
orders.once("close", () => process.exit(0));
orders.once("line", async (text) => {
  const { endpoint, token, heldForMs, exhibits } = JSON.parse(text);
  setTimeout(() => process.exit(0), heldForMs);
  try {
    await Promise.all(exhibits.map((acts) => play(acts, endpoint, token)));
    process.stdout.write("{}\n");
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: error.message, code: error.code })}\n`, () => process.exit(1));
  }
});

/** The acts of one exhibit, in order; acts on the same line share its connection. What comes later is not waited for. */
async function play(acts, endpoint, token, lines = new Map()) {
  const Agent = new URL(endpoint).protocol === "https:" ? HttpsAgent : HttpAgent;
  for (const act of acts) {
    const { line, userAgent, steps, connection, afterMs } = act;
    if (afterMs > 0) {
      setTimeout(() => play([{ ...act, afterMs: 0 }], endpoint, token, lines).catch(() => {}), afterMs); // the server may be gone by then
      continue;
    }
    const agent = lines.get(line) ?? new Agent({ keepAlive: true, maxSockets: 1 });
    lines.set(line, agent);
    for (const step of steps) await take(step, { endpoint, agent, userAgent, token });
    if (connection === "close") {
      await pause(CLOSES_AFTER_MS);
      agent.destroy();
    }
  }
}

async function take(step, { endpoint, agent, userAgent, token }) {
  const own = { "user-agent": userAgent, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  if (step.pauseMs !== undefined) return pause(step.pauseMs);
  if (step.handshakes !== undefined) {
    const hello = () => ask(new URL("/v1/info", endpoint), { method: "GET", agent: false, headers: own });
    return Promise.all(Array.from({ length: step.handshakes }, hello));
  }
  // What is to be refused is bytes, not text.
  const body = Buffer.from(step.body, step.isRefused ? "latin1" : "utf8");
  const headers = { ...own, ...step.headers, "content-length": body.length };
  return ask(new URL(step.path, endpoint), { method: "POST", agent, headers }, body, step.isRefused);
}

function ask(url, options, body, isRefused = false) {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const request = send(url, { ...options, timeout: ANSWER_WITHIN_MS }, (response) => {
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        answer += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (isRefused !== (response.statusCode === 200)) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}: ${answer.slice(0, 300)}`));
      });
    });
    request.on("timeout", () => request.destroy(new Error(`${url} did not answer within ${ANSWER_WITHIN_MS / 1000} s`)));
    request.on("error", reject);
    request.end(body);
  });
}
