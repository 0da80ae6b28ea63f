import { Readable } from "node:stream";
import { createGzip } from "node:zlib";

/** Arrays longer than this are written in pieces, between which other requests get their turn. */
const PIECE = 1_000;
/** Below this a gzip frame saves nothing worth its time. */
const COMPRESSED_CHARACTERS_MIN = 1_400;
/**
 * Measured on a trace of 100 000 spans (see docs/api.md): level 1 gives 17 times less in a quarter of level 6's time, and level 6 would
 * save a third of the little that is left. Brotli is no smaller at that speed, and browsers take it over https only.
 */
const GZIP_LEVEL = 1;

/**
 * Answers `value` as JSON, compressed when the reader takes gzip. A large value is written piece by piece, so that neither the event loop
 * stands still nor the whole text is in memory at once.
 */
export function jsonAnswer(value: unknown, request: Request, headers: Headers): Response {
  headers.set("content-type", "application/json");
  headers.set("vary", "accept-encoding, cookie, authorization");
  const takesGzip = acceptsGzip(request.headers.get("accept-encoding"));
  if (!isLarge(value)) {
    const text = JSON.stringify(value);
    if (!takesGzip || text.length < COMPRESSED_CHARACTERS_MIN) return new Response(text, { headers });
    return new Response(gzipped(Readable.from([Buffer.from(text)]), headers), { headers });
  }
  const pieces = Readable.from(jsonPieces(value), { objectMode: false });
  return new Response(takesGzip ? gzipped(pieces, headers) : toWeb(pieces), { headers });
}

/** Whether `Accept-Encoding` names gzip (or anything) and does not refuse it. */
export function acceptsGzip(header: string | null): boolean {
  return /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(header ?? "");
}

/** JSON of an object, long arrays at its top level in pieces of a thousand; joined, it is what JSON.stringify says. */
export async function* jsonPieces(value: Record<string, unknown>): AsyncGenerator<string> {
  let text = "{";
  let separator = "";
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    text += `${separator}${JSON.stringify(key)}:`;
    separator = ",";
    if (Array.isArray(field) && field.length > PIECE) {
      yield `${text}[`;
      yield* arrayPieces(field);
      text = "]";
    } else {
      text += JSON.stringify(field);
    }
  }
  yield `${text}}`;
}

async function* arrayPieces(items: unknown[]): AsyncGenerator<string> {
  for (let at = 0; at < items.length; at += PIECE) {
    yield (at === 0 ? "" : ",") + JSON.stringify(items.slice(at, at + PIECE)).slice(1, -1);
    await new Promise(setImmediate);
  }
}

function isLarge(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.values(value).some((field) => Array.isArray(field) && field.length > PIECE);
}

function gzipped(source: Readable, headers: Headers): ReadableStream<Uint8Array> {
  headers.set("content-encoding", "gzip");
  const gzip = createGzip({ level: GZIP_LEVEL });
  // The reader going away destroys gzip, and gzip its source: nothing is made that nobody reads.
  source.on("error", (error) => gzip.destroy(error)).pipe(gzip);
  gzip.on("close", () => source.destroy());
  return toWeb(gzip);
}

const toWeb = (stream: Readable): ReadableStream<Uint8Array> => Readable.toWeb(stream) as ReadableStream<Uint8Array>;
