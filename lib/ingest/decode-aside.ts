import { Worker } from "node:worker_threads";
import type { Signal } from "@/lib/otlp/answer";
import { MalformedBody } from "@/lib/otlp/malformed-body";
import { type Decoded, decodeBody, type Format } from "./decode";

export interface DecodeOrder {
  id: number;
  format: Format;
  signal: Signal;
  body: Uint8Array;
}

export type DecodeReport = { id: number; decoded: Decoded } | { id: number; malformed: string } | { id: number; failed: string };

/**
 * Bodies longer than this would hold the event loop, and with it every other sender, for more than some 20 ms: they are decoded on another
 * thread. JSON takes ten times as long as protobuf.
 */
const ASIDE_BYTES: Record<Format, number> = { protobuf: 4 * 1024 * 1024, json: 384 * 1024, zipkin: 384 * 1024 };
/** The thread ends when it had nothing to do for so long. */
const IDLE_MS = 60_000;

interface Pending {
  resolve: (decoded: Decoded) => void;
  reject: (error: unknown) => void;
}

let worker: Worker | null = null;
let idleTimer: NodeJS.Timeout | undefined;
let lastId = 0;
const pending = new Map<number, Pending>();

/** Decodes at once, or aside where that would hold up the others. @throws MalformedBody */
export async function decode(format: Format, signal: Signal, body: Uint8Array): Promise<Decoded> {
  if (body.length <= ASIDE_BYTES[format]) return decodeBody(format, signal, body);
  const id = ++lastId;
  const decoded = new Promise<Decoded>((resolve, reject) => pending.set(id, { resolve, reject }));
  clearTimeout(idleTimer);
  worker ??= startWorker();
  worker.postMessage({ id, format, signal, body } satisfies DecodeOrder);
  return await decoded;
}

function startWorker(): Worker {
  const started = new Worker(new URL("./decode-thread.mjs", import.meta.url));
  started.unref();
  started.on("message", settle);
  started.on("error", (error) => lose(started, error));
  started.on("exit", () => lose(started, new Error("the decoding thread ended")));
  return started;
}

function settle(report: DecodeReport): void {
  const waiting = pending.get(report.id);
  pending.delete(report.id);
  if ("decoded" in report) waiting?.resolve(report.decoded);
  else waiting?.reject("malformed" in report ? new MalformedBody(report.malformed) : new Error(report.failed));
  if (pending.size > 0) return;
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => {
    void worker?.terminate();
    worker = null;
  }, IDLE_MS).unref();
}

/** Its bodies are not lost: their senders are told to send them again. */
function lose(which: Worker, error: unknown): void {
  if (worker !== which) return;
  worker = null;
  for (const { reject } of pending.values()) reject(error);
  pending.clear();
}
