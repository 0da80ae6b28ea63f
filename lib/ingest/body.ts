import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, gunzipSync, inflate, inflateRaw } from "node:zlib";
import type { Hold } from "./admission";
import { headOf, Refusal, tooLarge, unavailable } from "./refusal";

/** The sender hung up in the middle of its request: nobody is left to be answered. */
export class CutOff extends Refusal {
  /** @param came of the body, until then */
  constructor(came: Buffer) {
    super(499, "unavailable", "incomplete", `The sender hung up after ${came.length} bytes of the body`, { head: headOf(came) });
  }
}

export const overloaded = (): Refusal =>
  unavailable("overload", "Spanwatch is taking in as much as it may hold: send it again a little later.");

/**
 * The body of a request as it comes over the wire.
 * @param memory of at least the announced length, to gather it in; null when it was not announced
 * @throws Refusal when it is longer than `maxBytes` or does not fit beside the others, CutOff when it ends too soon
 */
export function readBody(request: IncomingMessage, maxBytes: number, hold: Hold, memory: Buffer | null): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) stop(tooLarge("The body is too long", maxBytes));
      else if (!hold.resize(bytes)) stop(overloaded());
      // Copied while it is still in the processor's cache.
      else if (memory) chunk.copy(memory, bytes - chunk.length);
      else chunks.push(chunk);
    };
    const gathered = () => {
      if (memory) return memory.subarray(0, bytes);
      return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
    };
    const stop = (refusal: Refusal) => {
      request.removeListener("data", onData);
      reject(refusal);
    };
    request.on("data", onData);
    request.once("end", () => resolve(gathered()));
    request.once("close", () => {
      if (!request.complete) reject(new CutOff(gathered()));
    });
    request.once("error", () => {});
  });
}

const inflaters = {
  gzip: promisify(gunzip) as (body: Uint8Array, options: InflateOptions) => Promise<Buffer>,
  deflate: promisify(inflate) as (body: Uint8Array, options: InflateOptions) => Promise<Buffer>,
  rawDeflate: promisify(inflateRaw) as (body: Uint8Array, options: InflateOptions) => Promise<Buffer>,
};

interface InflateOptions {
  maxOutputLength: number;
  chunkSize?: number;
}

/** Encodings that we read, as `Accept-Encoding` says it. */
const ACCEPTED_ENCODINGS = "gzip, deflate, identity";
/** Up to here a hop to another thread costs more than it saves. */
const SYNC_BYTES = 32 * 1024;
const GZIP_BYTES_MIN = 18;

/**
 * The body without its `Content-Encoding`, inflated beside the event loop and never beyond `maxBytes`.
 * @throws Refusal (too large, no room, unknown encoding), or what zlib says of bytes that are no such encoding
 */
export async function inflateBody(wire: Buffer, encoding: string, maxBytes: number, hold: Hold): Promise<Buffer> {
  if (encoding === "identity") return wire;
  if (encoding !== "gzip" && encoding !== "deflate") {
    const why = `Content-Encoding "${encoding.slice(0, 50)}" is not read here: expected one of ${ACCEPTED_ENCODINGS}.`;
    throw new Refusal(415, "unimplemented", "content-encoding", why, { headers: { "accept-encoding": ACCEPTED_ENCODINGS } });
  }
  const expected = encoding === "gzip" ? sizeInTrailer(wire) : maxBytes;
  try {
    // A trailer that says more than we take may be no trailer at all, but the bytes of another request: only inflating tells.
    if (expected < maxBytes) {
      // The trailer may lie or speak of one part of several: then the output runs past it, and the second try below decides.
      const inflated = await inflateWithin(wire, "gzip", expected, hold).catch(unlessTooLong);
      if (inflated) return inflated;
    }
    return await inflateWithin(wire, isRawDeflate(wire, encoding) ? "rawDeflate" : encoding, maxBytes, hold);
  } catch (error) {
    throw isTooLong(error) ? tooLarge("The body is too long once decompressed", maxBytes) : error;
  }
}

async function inflateWithin(wire: Buffer, kind: keyof typeof inflaters, limit: number, hold: Hold): Promise<Buffer> {
  if (!hold.resize(wire.length + limit)) throw overloaded();
  const options = { maxOutputLength: Math.max(limit, 1), chunkSize: Math.min(Math.max(limit + 16, 1024), 16 * 1024 * 1024) };
  const inflated = kind === "gzip" && limit <= SYNC_BYTES ? gunzipSync(wire, options) : await inflaters[kind](wire, options);
  hold.resize(wire.length + inflated.length);
  return inflated;
}

/** gzip ends with the length of what it holds, modulo 4 GiB. */
const sizeInTrailer = (wire: Buffer): number => (wire.length < GZIP_BYTES_MIN ? 0 : wire.readUInt32LE(wire.length - 4));

/** `deflate` means zlib's frame (RFC 9110), but some senders leave the frame away. */
const isRawDeflate = (wire: Buffer, encoding: string): boolean => encoding === "deflate" && ((wire[0] ?? 0) & 0x0f) !== 8;

const isTooLong = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";

function unlessTooLong(error: unknown): null {
  if (isTooLong(error)) return null;
  throw error;
}
