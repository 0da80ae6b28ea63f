import { randomInt } from "node:crypto";
import type { TraceSums } from "@/db/queries/ingest/trace-sums";
import type { RecordBatch } from "@/lib/otel/record-batch";
import { PHASES, STATUS_CODES } from "@/lib/otel/span";

const START = PHASES.indexOf("start");
const END = PHASES.indexOf("end");
const ERROR = STATUS_CODES.indexOf("error");
/** The upper half of the first uint64 of ns that lies beyond 2262. */
const INSANE_HIGH = 0x8000_0000;
const ID_BYTES = 16;
/** Odd and unknown to senders: ids cannot be chosen to collide. */
const SEEDS = [0, 0, 0, 0].map(() => randomInt(2 ** 31) * 2 + 1) as [number, number, number, number];

/** What one resource of a request brought. */
export interface ResourceCounts {
  spans: number;
  logs: number;
  errors: number;
  /** Spans whose SDK had dropped attributes, events or links of them. */
  trimmed: number;
}

/**
 * Adds up what the requests of a group commit bring to each trace, without an object or a string per span: trace ids are looked up in a
 * hash table of their bytes, and consecutive spans of one trace are not looked up at all.
 */
export class TraceSummer {
  private capacity = 256;
  private slots = new Int32Array(this.capacity * 4).fill(-1);
  private readonly sums: TraceSums = {
    count: 0,
    ids: new Uint8Array(this.capacity * ID_BYTES),
    firstMs: [],
    lastMs: [],
    startHigh: new Uint32Array(this.capacity),
    startLow: new Uint32Array(this.capacity),
    noStart: new Uint8Array(this.capacity),
    endHigh: new Uint32Array(this.capacity),
    endLow: new Uint32Array(this.capacity),
    noEnd: new Uint8Array(this.capacity),
    starts: [],
    ends: [],
    heartbeats: [],
    errors: [],
    logs: [],
    rootService: [],
    rootName: [],
    rootSpanId: [],
    services: [],
  };

  /**
   * @param services of the resources of the batch, by index.
   * @returns counts by index of the resources.
   */
  add(batch: RecordBatch, services: readonly string[], receivedMs: number): ResourceCounts[] {
    const counts = services.map(() => ({ spans: 0, logs: 0, errors: 0, trimmed: 0 }));
    this.addSpans(batch, services, counts, receivedMs);
    this.addLogs(batch, services, counts, receivedMs);
    return counts;
  }

  result(): TraceSums {
    return this.sums;
  }

  private addSpans({ bytes, spans }: RecordBatch, services: readonly string[], counts: ResourceCounts[], receivedMs: number): void {
    const { sums } = this;
    let trace = -1;
    for (let i = 0; i < spans.count; i++) {
      const idAt = spans.traceIdAt[i] as number;
      const resource = spans.resource[i] as number;
      if (trace < 0 || !this.isAt(trace, bytes, idAt)) trace = this.find(bytes, idAt, receivedMs);
      const service = services[resource] as string;
      this.touch(trace, service, receivedMs);
      this.span(trace, i, spans);

      const phase = spans.phase[i];
      const isError = phase === END && spans.statusCode[i] === ERROR;
      if (isError) sums.errors[trace] = (sums.errors[trace] as number) + 1;
      if ((spans.parentSpanIdAt[i] as number) < 0 && sums.rootSpanId[trace] === null) {
        const nameAt = Math.max(0, spans.nameAt[i] as number);
        const spanIdAt = spans.spanIdAt[i] as number;
        sums.rootService[trace] = service;
        sums.rootName[trace] = bytes.subarray(nameAt, nameAt + (spans.nameLength[i] as number));
        sums.rootSpanId[trace] = bytes.subarray(spanIdAt, spanIdAt + 8);
      }
      const count = counts[resource] as ResourceCounts;
      if (phase === END) count.spans += 1;
      if (isError) count.errors += 1;
      if (phase === END && (spans.droppedCount[i] as number) > 0) count.trimmed += 1;
    }
  }

  private span(trace: number, i: number, spans: RecordBatch["spans"]): void {
    const { sums } = this;
    this.earliest(trace, spans.startHigh[i] as number, spans.startLow[i] as number);
    const phase = spans.phase[i];
    if (phase === START) sums.starts[trace] = (sums.starts[trace] as number) + 1;
    else if (phase !== END) sums.heartbeats[trace] = 1;
    else {
      sums.ends[trace] = (sums.ends[trace] as number) + 1;
      this.latest(trace, spans.endHigh[i] as number, spans.endLow[i] as number);
    }
  }

  private earliest(trace: number, high: number, low: number): void {
    const { startHigh, startLow, noStart } = this.sums;
    if (!isSane(high, low)) return;
    const known = startHigh[trace] as number;
    if (!noStart[trace] && (high > known || (high === known && low >= (startLow[trace] as number)))) return;
    startHigh[trace] = high;
    startLow[trace] = low;
    noStart[trace] = 0;
  }

  private latest(trace: number, high: number, low: number): void {
    const { endHigh, endLow, noEnd } = this.sums;
    if (!isSane(high, low)) return;
    const known = endHigh[trace] as number;
    if (!noEnd[trace] && (high < known || (high === known && low <= (endLow[trace] as number)))) return;
    endHigh[trace] = high;
    endLow[trace] = low;
    noEnd[trace] = 0;
  }

  private addLogs({ bytes, logs }: RecordBatch, services: readonly string[], counts: ResourceCounts[], receivedMs: number): void {
    for (let i = 0; i < logs.count; i++) {
      const resource = logs.resource[i] as number;
      (counts[resource] as ResourceCounts).logs += 1;
      const idAt = logs.traceIdAt[i] as number;
      if (idAt < 0) continue;
      const trace = this.find(bytes, idAt, receivedMs);
      this.touch(trace, services[resource] as string, receivedMs);
      this.sums.logs[trace] = (this.sums.logs[trace] as number) + 1;
    }
  }

  private touch(trace: number, service: string, receivedMs: number): void {
    const services = this.sums.services[trace] as string[];
    if (services[0] !== service && !services.includes(service)) services.push(service);
    if (receivedMs > (this.sums.lastMs[trace] as number)) this.sums.lastMs[trace] = receivedMs;
  }

  private isAt(trace: number, bytes: Uint8Array, at: number): boolean {
    const { ids } = this.sums;
    const own = trace * ID_BYTES;
    for (let i = ID_BYTES - 1; i >= 0; i--) if (ids[own + i] !== bytes[at + i]) return false;
    return true;
  }

  /** Index of the trace whose id stands at `at`; a new one when it is not known yet. */
  private find(bytes: Uint8Array, at: number, receivedMs: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash(bytes, at) & mask; ; slot = (slot + 1) & mask) {
      const trace = this.slots[slot] as number;
      if (trace < 0) return this.insert(slot, bytes, at, receivedMs);
      if (this.isAt(trace, bytes, at)) return trace;
    }
  }

  private insert(slot: number, bytes: Uint8Array, at: number, receivedMs: number): number {
    const { sums } = this;
    const trace = sums.count++;
    if (trace === this.capacity) {
      this.grow();
      this.slots[this.freeSlot(bytes, at)] = trace;
    } else this.slots[slot] = trace;
    sums.ids.set(bytes.subarray(at, at + ID_BYTES), trace * ID_BYTES);
    sums.firstMs.push(receivedMs);
    sums.lastMs.push(receivedMs);
    sums.noStart[trace] = 1;
    sums.noEnd[trace] = 1;
    for (const column of [sums.starts, sums.ends, sums.heartbeats, sums.errors, sums.logs]) column.push(0);
    for (const column of [sums.rootService, sums.rootName, sums.rootSpanId]) column.push(null);
    sums.services.push([]);
    return trace;
  }

  private freeSlot(bytes: Uint8Array, at: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(bytes, at) & mask;
    while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { sums } = this;
    const held = this.capacity;
    this.capacity *= 4;
    const larger = <Column extends Uint8Array | Uint32Array>(column: Column, length: number): Column => {
      const copy = new (column.constructor as new (length: number) => Column)(length);
      copy.set(column);
      return copy;
    };
    sums.ids = larger(sums.ids, this.capacity * ID_BYTES);
    sums.startHigh = larger(sums.startHigh, this.capacity);
    sums.startLow = larger(sums.startLow, this.capacity);
    sums.noStart = larger(sums.noStart, this.capacity);
    sums.endHigh = larger(sums.endHigh, this.capacity);
    sums.endLow = larger(sums.endLow, this.capacity);
    sums.noEnd = larger(sums.noEnd, this.capacity);
    this.slots = new Int32Array(this.capacity * 4).fill(-1);
    for (let trace = 0; trace < held; trace++) this.slots[this.freeSlot(sums.ids, trace * ID_BYTES)] = trace;
  }
}

/** Set, and before 2262: only such a time can be the first or last of a trace (lib/otel/time.ts). */
const isSane = (high: number, low: number): boolean => high < INSANE_HIGH && (high | low) !== 0;

function hash(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let word = 0; word < 4; word++) {
    const i = at + word * 4;
    const bits =
      (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24);
    value = Math.imul(value ^ (value >>> 15) ^ bits, SEEDS[word] as number);
  }
  return (value ^ (value >>> 16)) >>> 0;
}
