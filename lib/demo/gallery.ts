import { randomInt } from "node:crypto";
import { type Exhibit, SINGLE_EXHIBITS, type Words } from "./exhibits";
import { type DemoProcess, type Exporter, newTraceId, openExporter } from "./wire";
import { WORKER_EXHIBITS } from "./worker-exhibits";

export const EXHIBITS: readonly Exhibit[] = [...SINGLE_EXHIBITS, ...WORKER_EXHIBITS];

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

/**
 * Sends the gallery of broken traces to a running Spanwatch, over real sockets: one connection for each made-up process, closed where
 * the story is that the process died. Exhibits of living processes keep theirs open (unreferenced, for 30 minutes at most), so that they
 * are told as dead when the sender ends.
 * @throws Error naming the address, when it does not answer or refuses.
 */
export async function sendGallery({ httpEndpoint, token }: { httpEndpoint: string; token?: string }): Promise<Gallery> {
  // Other processes each time: one that was dead would look as if it had come back.
  const pidOffset = 10_000 * randomInt(1, 300);
  const send = (exhibit: Exhibit) => sendExhibit(exhibit, (process) => openExporter({ endpoint: httpEndpoint, token, process, pidOffset }));
  return { items: await Promise.all(EXHIBITS.map(send)) };
}

async function sendExhibit(exhibit: Exhibit, open: (process: DemoProcess) => Exporter): Promise<GalleryItem> {
  const traceIds = exhibit.traceIds?.() ?? {};
  const main = traceIds.main ?? newTraceId();
  const baseMs = Date.now();
  const kept = new Map<number, Exporter>();
  for (const { process, trace, requests, connection } of exhibit.acts()) {
    const exporter = kept.get(process.pid) ?? open(process);
    const traceId = trace === undefined ? main : (traceIds[trace] ?? main);
    for (const spans of requests) await exporter.send(traceId, baseMs, spans);
    if (connection === "close") exporter.close();
    else if (connection === "keep") kept.set(process.pid, exporter);
    else setTimeout(() => exporter.close(), HELD_FOR_MS).unref();
  }
  const { kind, title, explanation } = exhibit;
  return { kind, traceId: main, title, explanation };
}
