import { decodeTraces } from "@/lib/otlp/protobuf";
import { protoType } from "@/lib/otlp/testing/otlp-proto";
import { makeTracesRequest } from "./payload";

export interface DecodeFigures {
  /** Spans per second of one core: median of the rounds, and the slowest and fastest of them. */
  ours: Spread;
  protobufjs: Spread;
  /** ours ÷ protobufjs, by medians. */
  ratio: number;
  bytesPerSpan: number;
}
interface Spread {
  median: number;
  least: number;
  most: number;
}

const SPANS = 500;
const BODIES = 8;
/** Until the compiler has made of both what it makes of them in the long run. */
const WARM_UP_ROUNDS = 5;

/**
 * Decodes the same requests with our decoder and with protobufjs by reflection, in turns so that noise hits both, and counts CPU time
 * rather than the clock's, so that neighbours on the machine do not count.
 */
export async function benchDecode({ rounds = 11, roundMs = 150 } = {}): Promise<DecodeFigures> {
  const now = Date.now();
  const bodies = Array.from({ length: BODIES }, (_, i) => makeTracesRequest({ spans: SPANS, traces: 12, seed: i + 1, now }));
  const oracle = protoType("ExportTraceServiceRequest");
  const contestants = { ours: (body: Buffer) => decodeTraces(body), protobufjs: (body: Buffer) => oracle.decode(body) };
  const rates = { ours: [] as number[], protobufjs: [] as number[] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const name of ["ours", "protobufjs"] as const) {
      const rate = spansPerCpuSecond(bodies, contestants[name], roundMs);
      if (round >= 0) rates[name].push(rate);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const ours = spreadOf(rates.ours);
  const protobufjs = spreadOf(rates.protobufjs);
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  return { ours, protobufjs, ratio: ours.median / protobufjs.median, bytesPerSpan: bytes / (SPANS * BODIES) };
}

function spansPerCpuSecond(bodies: Buffer[], decode: (body: Buffer) => unknown, forMs: number): number {
  const before = process.cpuUsage();
  const until = performance.now() + forMs;
  let spans = 0;
  while (performance.now() < until) {
    for (const body of bodies) decode(body);
    spans += bodies.length * SPANS;
  }
  const { user, system } = process.cpuUsage(before);
  return (spans / (user + system)) * 1e6;
}

function spreadOf(rates: number[]): Spread {
  const sorted = rates.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? 0, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}
