import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Exhibit, SINGLE_EXHIBITS, type Words } from "./exhibits";
import { LIFECYCLE_EXHIBITS } from "./lifecycle-exhibits";
import { PARENT_EXHIBITS } from "./parent-exhibits";
import { SOURCE_EXHIBITS } from "./source-exhibits";
import { type DemoStep, newTraceId, stepOf } from "./wire";
import { WORKER_EXHIBITS } from "./worker-exhibits";

export const EXHIBITS: readonly Exhibit[] = [
  ...SINGLE_EXHIBITS,
  ...LIFECYCLE_EXHIBITS,
  ...WORKER_EXHIBITS,
  ...PARENT_EXHIBITS,
  ...SOURCE_EXHIBITS,
];

export interface GalleryItem {
  /** The finding that will be told of it, or `healthy`. */
  kind: string;
  traceId: string;
  title: Words;
  explanation: Words;
}

export interface Gallery {
  items: GalleryItem[];
}

/** How long a held connection stays open where the program that sent the gallery lives on. */
const HELD_FOR_MS = 30 * 60_000;
const SENT_WITHIN_MS = 60_000;

/** What lib/demo/sender.mjs is told of one act. */
interface Order {
  /** Acts of one exhibit with the same number share a connection. */
  line: number;
  userAgent: string;
  steps: DemoStep[];
  connection: "close" | "keep" | "hold";
  afterMs: number;
}

/**
 * Sends the gallery of broken traces to a running Spanwatch, over real sockets: one connection for each made-up process, closed where
 * the story is that the process died. Exhibits of living processes keep theirs open for 30 minutes, and no longer than this program runs.
 * @throws Error naming the address, when it does not answer or refuses; its `code` is that of the failed connection.
 */
export async function sendGallery({ httpEndpoint, token }: { httpEndpoint: string; token?: string }): Promise<Gallery> {
  // Other processes each time: one that was dead would look as if it had come back.
  const shift = { baseMs: Date.now(), pidOffset: 10_000 * randomInt(1, 300) };
  const plans = EXHIBITS.map((exhibit) => planOf(exhibit, shift));
  const order = { endpoint: httpEndpoint, token, heldForMs: HELD_FOR_MS, exhibits: plans.map(({ orders }) => orders) };
  await sendFromOwnProcess(order);
  return { items: plans.map(({ item }) => item) };
}

function planOf(exhibit: Exhibit, shift: { baseMs: number; pidOffset: number }): { item: GalleryItem; orders: Order[] } {
  const { kind, title, explanation } = exhibit;
  const traceIds = exhibit.traceIds?.() ?? {};
  const main = traceIds.main ?? newTraceId();
  const orders = exhibit.acts().map(({ process, trace = "main", requests, connection, afterMs = 0 }) => ({
    line: process.pid,
    userAgent: process.userAgent ?? "spanwatch-demo",
    steps: requests.map((request) => stepOf(process, traceIds[trace] ?? main, request, shift)),
    connection,
    afterMs,
  }));
  return { item: { kind, traceId: main, title, explanation }, orders };
}

/** Resolves when all is sent. The sender lives on for what it holds, but keeps nobody from ending: it ends with its stdin. */
async function sendFromOwnProcess(order: unknown): Promise<void> {
  const sender = spawn(process.execPath, [join(process.cwd(), "lib/demo/sender.mjs")], { stdio: ["pipe", "pipe", "ignore"] });
  sender.stdin.on("error", () => {}); // it has ended: its answer, or the lack of one, says why
  sender.stdin.write(`${JSON.stringify(order)}\n`);
  const { error, code } = await answerOf(sender);
  if (error !== undefined) throw Object.assign(new Error(error), { code });
  letGo(sender);
}

async function answerOf(sender: ChildProcess): Promise<{ error?: string; code?: string }> {
  const lines = createInterface({ input: sender.stdout as NonNullable<ChildProcess["stdout"]> });
  const late = setTimeout(() => sender.kill("SIGKILL"), SENT_WITHIN_MS);
  const answer = await Promise.race([once(lines, "line"), once(lines, "close"), once(sender, "error")]);
  clearTimeout(late);
  const [said] = answer as unknown[];
  if (typeof said === "string") return JSON.parse(said) as { error?: string; code?: string };
  return { error: said instanceof Error ? said.message : "the sender of the gallery ended without an answer" };
}

function letGo(sender: ChildProcess): void {
  sender.unref();
  for (const stream of [sender.stdin, sender.stdout]) (stream as { unref?: () => void } | null)?.unref?.();
}
