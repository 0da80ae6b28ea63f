import { EXHIBITS, type Words } from "./exhibits";
import { newTraceId, openExporter } from "./wire";

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
  const items = await Promise.all(
    EXHIBITS.map(async (exhibit, index) => {
      const traceId = newTraceId();
      for (const act of exhibit.acts()) {
        const exporter = openExporter(httpEndpoint, token, { ...act.process, pid: act.process.pid + index * 10 });
        for (const spans of act.batches) await exporter.send(traceId, spans);
        if (act.connection === "close") exporter.close();
        else setTimeout(() => exporter.close(), HELD_FOR_MS).unref();
      }
      const { kind, title, explanation } = exhibit;
      return { kind, traceId, title, explanation };
    }),
  );
  return { items };
}
