/**
 * Whether a body that could not be read contains the head of another HTTP request: then two processes wrote into one socket at the same
 * time, as forked children do that inherited their parent's exporter session (wire.md W8). Such a body is answered with 503 and
 * `Connection: close` once, for the client to send it again on a connection of its own. Look at the bytes as they came, still
 * compressed: the head of the other request is never compressed.
 */
export function looksInterleaved(body: Uint8Array): boolean {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (let at = text.indexOf(VERSION); at >= 0; at = text.indexOf(VERSION, at + VERSION.length)) {
    if (REQUEST_LINE.test(text.toString("latin1", Math.max(0, at - LONGEST_TARGET), at))) return true;
  }
  return HEADER.test(text.toString("latin1"));
}

const VERSION = " HTTP/1.1\r\n";
const LONGEST_TARGET = 256;
/** Any of the ways in that we serve, at the end of what stands before the version. */
const REQUEST_LINE = /(?:POST|GET) (?:https?:\/\/[^ ]*)?\/(?:otlp\/)?(?:v1\/|api\/v2\/spans)[^ ]*$/;
/** The middle of a head whose request line went into another body. */
const HEADER = /\r\ncontent-(?:encoding: (?:gzip|deflate)|type: application\/(?:x-protobuf|json))\r\n/i;
