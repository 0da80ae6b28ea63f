import type { LogColumns, RecordBatch, Rejection, ResourceEntry, ScopeEntry, SpanColumns } from "@/lib/otel/record-batch";
import { MARKS } from "@/lib/otel/span";
import { WireFault } from "@/lib/otel/wire";
import { makeLogColumns, makeSpanColumns, moveRows } from "./columns";
import type { DecodeLimits } from "./limits";
import { fittingLength } from "./trim";

/** Rejections told one by one; beyond, they are only counted. */
const REJECTIONS_TOLD = 64;
/** How many rows to make room for at first: spans of less than this are rare. */
const USUAL_SPAN_BYTES = 512;

/**
 * A RecordBatch in the making. Its bytes are those of the body and, behind them, what had to be written anew (repaired text, gathered
 * attributes, ids that a dialect spells as text): offsets beyond the body point there.
 */
export class BatchBuilder {
  readonly bytes: Uint8Array;
  readonly dataView: DataView;
  readonly limits: DecodeLimits;
  spans: SpanColumns;
  logs: LogColumns;
  readonly resources: ResourceEntry[] = [];
  readonly scopes: ScopeEntry[] = [];
  readonly rejections: Rejection[] = [];
  rejectedCount = 0;
  /** Where the text of the last `text()` stands. */
  textAt = -1;
  textLength = 0;
  readonly #buffer: Buffer;
  #arena = EMPTY;
  #arenaLength = 0;

  constructor(body: Uint8Array, limits: DecodeLimits, mostly: "spans" | "logs") {
    // A plain view, so that the reader's code sees one kind of array, never Buffer and Uint8Array in turns.
    this.bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    this.#buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.dataView = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.limits = limits;
    const capacity = 16 + Math.ceil(body.byteLength / USUAL_SPAN_BYTES);
    this.spans = makeSpanColumns(mostly === "spans" ? capacity : 0);
    this.logs = makeLogColumns(mostly === "logs" ? capacity : 0);
  }

  /** The row that the next span goes to; it counts once `spans.count` is raised. */
  spanRow(): number {
    const { count, flags } = this.spans;
    if (count === flags.length) this.spans = moveRows(this.spans, makeSpanColumns(Math.max(16, count * 2)));
    return count;
  }

  /** The row that the next log record goes to; it counts once `logs.count` is raised. */
  logRow(): number {
    const { count, flags } = this.logs;
    if (count === flags.length) this.logs = moveRows(this.logs, makeLogColumns(Math.max(16, count * 2)));
    return count;
  }

  /** Puts bytes behind the body; returns their offset in the batch. */
  keep(bytes: Uint8Array): number {
    const needed = this.#arenaLength + bytes.length;
    if (needed > this.#arena.length) {
      const larger = new Uint8Array(Math.max(1024, needed, this.#arena.length * 2));
      larger.set(this.#arena.subarray(0, this.#arenaLength));
      this.#arena = larger;
    }
    this.#arena.set(bytes, this.#arenaLength);
    const at = this.bytes.length + this.#arenaLength;
    this.#arenaLength = needed;
    return at;
  }

  /** Bytes of the batch, wherever they stand: a view, valid until the next `keep()`. */
  view(at: number, length: number): Uint8Array {
    const inArena = at - this.bytes.length;
    return inArena < 0 ? this.bytes.subarray(at, at + length) : this.#arena.subarray(inArena, inArena + length);
  }

  /**
   * Makes text out of bytes of the body: at most `limit` bytes, UTF-8, no NUL (Postgres has none). Its place is then `textAt` and
   * `textLength`, the marks are returned: `truncated` when it was cut, `textRepaired` when something had to be replaced.
   */
  text(at: number, length: number, limit: number, truncated: number): number {
    const { bytes } = this;
    const fits = fittingLength(bytes, at, length, limit);
    const marks = fits < length ? truncated : 0;
    this.textAt = at;
    this.textLength = fits;
    for (let i = at; i < at + fits; i++) {
      // 1 to 127: neither NUL nor the beginning of anything longer.
      if (((bytes[i] as number) - 1) >>> 0 >= 0x7f) return marks | this.#repair(at, fits, limit, truncated);
    }
    return marks;
  }

  #repair(at: number, length: number, limit: number, truncated: number): number {
    const sent = this.#buffer.subarray(at, at + length);
    const text = Buffer.from(withoutNul(sent.toString("utf8")));
    if (text.equals(sent)) return 0;
    // What replaces a byte is longer than a byte.
    this.textLength = fittingLength(text, 0, text.length, limit);
    this.textAt = this.keep(text.subarray(0, this.textLength));
    return MARKS.textRepaired | (this.textLength < text.length ? truncated : 0);
  }

  /** The same as a string, for what is not a column of its own. */
  string(at: number, end: number): string {
    return withoutNul(this.#buffer.toString("utf8", at, at + fittingLength(this.bytes, at, end - at, this.limits.nameBytes)));
  }

  /** Bytes as a string of the same length, to look them up by. */
  latin1(at: number, end: number): string {
    return this.#buffer.toString("latin1", at, end);
  }

  reject(rejection: Rejection): void {
    this.rejectedCount++;
    if (this.rejections.length < REJECTIONS_TOLD) this.rejections.push(rejection);
  }

  addResource(resource: ResourceEntry): void {
    if (this.resources.push(resource) > this.limits.groupsPerRequest) throw new WireFault("too many resources in one request", 0);
  }

  addScope(scope: ScopeEntry): void {
    if (this.scopes.push(scope) > this.limits.groupsPerRequest) throw new WireFault("too many scopes in one request", 0);
  }

  finish(): RecordBatch {
    const { spans, logs, resources, scopes, rejections, rejectedCount } = this;
    return { bytes: this.#allBytes(), spans, logs, resources, scopes, rejections, rejectedCount };
  }

  #allBytes(): Uint8Array {
    if (this.#arenaLength === 0) return this.bytes;
    const all = new Uint8Array(this.bytes.length + this.#arenaLength);
    all.set(this.bytes);
    all.set(this.#arena.subarray(0, this.#arenaLength), this.bytes.length);
    return all;
  }
}

const EMPTY = new Uint8Array(0);

/** NUL made visible: U+2400, the picture of it. */
const withoutNul = (text: string): string => (text.includes("\0") ? text.replaceAll("\0", "\u2400") : text);
