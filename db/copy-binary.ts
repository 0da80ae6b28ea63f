import type { Buffer as NodeBuffer } from "node:buffer";

/** First bytes of every COPY BINARY stream: signature, no flags, no header extension. */
const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** A CopyData message is its letter and its length. */
const MESSAGE_HEAD = 5;
const COPY_DATA = 0x64;
/** Up to here a loop beats `set(subarray())`, which makes an object. Measured on Node 20. */
const SHORT = 32;

/**
 * Writes rows of COPY BINARY into one growing buffer, as CopyData messages ready for the wire: no objects per row, no strings, times and
 * ids as two 32-bit halves (performance.md §2.2). `reserve` first, then write; `take` what is there when `isFull`.
 */
export class CopyBuffer {
  /** Unsent bytes from which `isFull`: big enough to be cheap to send, small enough not to hold the event loop (a fraction of a ms of encoding). */
  static readonly FULL_BYTES = 256 * 1024;
  private static readonly idle: NodeBuffer[] = [];

  private buffer: NodeBuffer;
  private view: DataView;
  private at: number;

  constructor() {
    this.buffer = CopyBuffer.idle.pop() ?? Buffer.allocUnsafeSlow(CopyBuffer.FULL_BYTES * 1.25);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.length);
    this.at = MESSAGE_HEAD;
  }

  /** Whether it is time to send. */
  get isFull(): boolean {
    return this.at >= CopyBuffer.FULL_BYTES;
  }

  /** Begins a stream. Once, before the first row. */
  signature(): void {
    this.reserve(SIGNATURE.length);
    this.at += SIGNATURE.copy(this.buffer, this.at);
  }

  /** Ends a stream. Once, after the last row. */
  trailer(): void {
    this.reserve(2);
    this.int16(-1);
  }

  /** Makes room for `bytes` more. Every write below needs its room reserved. */
  reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.length);
  }

  /** Number of fields of the row that follows, or −1 for the end. */
  int16(value: number): void {
    this.view.setInt16(this.at, value);
    this.at += 2;
  }

  int2(value: number): void {
    this.view.setInt32(this.at, 2);
    this.view.setInt16(this.at + 4, value);
    this.at += 6;
  }

  int4(value: number): void {
    this.view.setInt32(this.at, 4);
    this.view.setInt32(this.at + 4, value);
    this.at += 8;
  }

  /** The 64 bits `high`, `low`, whatever they mean: Postgres reads them as signed. */
  int8(high: number, low: number): void {
    this.view.setInt32(this.at, 8);
    this.view.setUint32(this.at + 4, high);
    this.view.setUint32(this.at + 8, low);
    this.at += 12;
  }

  null(): void {
    this.view.setInt32(this.at, -1);
    this.at += 4;
  }

  /** `length` bytes of `source` from `from`, for text, bytea and uuid alike; NULL when `from` is negative. */
  bytes(source: Uint8Array, from: number, length: number): void {
    if (from < 0) {
      this.null();
      return;
    }
    this.view.setInt32(this.at, length);
    const to = this.at + 4;
    if (length <= SHORT) for (let i = 0; i < length; i++) this.buffer[to + i] = source[from + i] as number;
    else this.buffer.set(source.subarray(from, from + length), to);
    this.at = to + length;
  }

  /** Rows that were encoded before. */
  raw(rows: Uint8Array): void {
    this.reserve(rows.length);
    this.buffer.set(rows, this.at);
    this.at += rows.length;
  }

  /** What was written since the last `take`, as one CopyData message. The buffer goes with it; give it back with `release` when sent. */
  take(): NodeBuffer {
    this.view.setUint8(0, COPY_DATA);
    this.view.setInt32(1, this.at - 1);
    const message = this.buffer.subarray(0, this.at);
    this.buffer = CopyBuffer.idle.pop() ?? Buffer.allocUnsafeSlow(CopyBuffer.FULL_BYTES * 1.25);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.length);
    this.at = MESSAGE_HEAD;
    return message;
  }

  /** Takes back the memory of a message that has left; one that had to grow is let go. */
  static release(message: NodeBuffer): void {
    if (message.buffer.byteLength === CopyBuffer.FULL_BYTES * 1.25 && CopyBuffer.idle.length < 32) {
      CopyBuffer.idle.push(Buffer.from(message.buffer));
    }
  }
}
