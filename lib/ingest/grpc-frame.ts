/** The 5 bytes before a gRPC message: whether it is compressed, and its length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const FRAME_HEAD_BYTES = 5;

/** A message as it is framed, alone in its stream as unary calls have it; null when these bytes are not exactly one. */
export function unframe(bytes: Buffer): { isCompressed: boolean; message: Buffer } | null {
  if (bytes.length < FRAME_HEAD_BYTES || bytes.readUInt32BE(1) !== bytes.length - FRAME_HEAD_BYTES) return null;
  const flag = bytes[0];
  if (flag !== 0 && flag !== 1) return null;
  return { isCompressed: flag === 1, message: bytes.subarray(FRAME_HEAD_BYTES) };
}

export function frame(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, FRAME_HEAD_BYTES);
  return bytes;
}

/** `grpc-message` is printable ASCII; everything else goes as %XX of its UTF-8. */
export const percentEncode = (text: string): string =>
  text.replace(/[^ -$&-~]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
