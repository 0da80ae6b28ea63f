import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";

/** One event of recorded traffic, in order of arrival. `at` is ms since the recording began. Format: e2e/captures/README.md. */
export type TrafficEvent =
  | { event: "start"; at: number; wallMs: number }
  | { event: "open"; at: number; conn: number; proto: "http" | "grpc" }
  | RecordedRequest
  | { event: "garbage"; at: number; conn: number; raw: string }
  | { event: "close"; at: number; conn: number; by: "client" | "server" | "error" }
  | { event: "stop"; at: number };

export interface RecordedRequest {
  event: "request";
  at: number;
  conn: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  /** Base64, as on the wire; for gRPC the message without its frame. */
  body: string;
  grpcCompressed?: boolean;
  status: number;
}

/** What a finding must (or may) look like. */
export interface Rule {
  kind: string;
  trace?: string;
  span?: string;
  missing?: string;
  pid?: number;
  count?: number;
  causes?: string[];
  certainty?: string[];
  why?: string;
}

export interface Expected {
  expect: Rule[];
  allow?: Rule[];
  /** Span ids that are rightly open at the end. */
  ongoing?: string[];
  /** Right end times (Unix ns) of spans whose records dispute them. */
  closedAt?: Record<string, string>;
}

/** One line of the program's own account. */
export interface TruthLine {
  t: number;
  pid: number;
  event: string;
  span?: string;
}

export interface Capture {
  id: string;
  /** Unix ms of `at` = 0. */
  wallMs: number;
  events: TrafficEvent[];
  truth: TruthLine[];
  expected: Expected;
}

/** Reads a folder of recorded traffic. @throws Error when it is not one. */
export function loadCapture(folder: string): Capture {
  const lines = (text: string) => text.split("\n").filter(Boolean);
  const text = (name: string) => readFileSync(join(folder, name), "utf8");
  const events = lines(gunzipSync(readFileSync(join(folder, "traffic.jsonl.gz"))).toString()).map(
    (line) => JSON.parse(line) as TrafficEvent,
  );
  const [first] = events;
  if (first?.event !== "start") throw new Error(`${folder}: traffic does not begin with a start event`);
  const truth = existsSync(join(folder, "truth.jsonl")) ? lines(text("truth.jsonl")).map((line) => JSON.parse(line) as TruthLine) : [];
  return { id: basename(folder), wallMs: first.wallMs, events, truth, expected: JSON.parse(text("expected.json")) as Expected };
}

/** Folders of captures inside `folder`, or `folder` itself when it is one. */
export function captureFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  if (existsSync(join(folder, "traffic.jsonl.gz"))) return [folder];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, "traffic.jsonl.gz")) && existsSync(join(path, "expected.json")))
    .sort();
}
