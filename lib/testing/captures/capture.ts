import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { gunzipSync, inflateSync } from "node:zlib";

/** One recorded event (captures/README.md). `at` is ms since the recording's start. */
export type CaptureEvent =
  | { event: "start"; at: number; wallMs: number }
  | { event: "open"; at: number; conn: number; proto?: "http" | "grpc" }
  | {
      event: "request";
      at: number;
      conn: number;
      method: string;
      path: string;
      headers: Record<string, string>;
      body?: string;
      grpcCompressed?: boolean;
      status: number;
    }
  | { event: "garbage"; at: number; conn: number; raw: string }
  | { event: "close"; at: number; conn: number; by: "client" | "server" | "error" }
  | { event: "stop"; at: number };

export interface ExpectedFinding {
  kind?: string;
  trace?: string;
  span?: string;
  missing?: string;
  pid?: number;
  count?: number;
  causes?: string[];
  certainty?: string[];
  why?: string;
}

/** One line of a program's own account. `t` in Unix seconds. */
export interface TruthLine {
  t: number;
  pid: number;
  event: string;
  span?: string;
  trace?: string;
  parent?: string | null;
}

export interface Capture {
  id: string;
  events: CaptureEvent[];
  truth: TruthLine[];
  expected: {
    expect?: ExpectedFinding[];
    allow?: ExpectedFinding[];
    healthy?: boolean;
    settleMs?: number;
    ongoing?: string[];
    closedAt?: Record<string, string>;
  };
  wallMs: number;
}

/** More recordings than the repository holds, where they are at hand (scripts/score.ts looks there too). */
const SHARED = "../shared/captures";

/** Folders of recorded traffic: `SPANWATCH_CAPTURES`, else all there are beside the repository, else its own; empty where there are none. */
export function captureFolders(): string[] {
  const root = resolve(process.env.SPANWATCH_CAPTURES ?? (existsSync(SHARED) ? SHARED : "e2e/captures"));
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((folder) => existsSync(join(folder, "traffic.jsonl.gz")))
    .sort();
}

export function loadCapture(folder: string): Capture {
  const lines = (text: string) =>
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const events = lines(gunzipSync(readFileSync(join(folder, "traffic.jsonl.gz"))).toString()) as CaptureEvent[];
  const start = events.find((event) => event.event === "start");
  return {
    id: basename(folder),
    events,
    truth: lines(readFileSync(join(folder, "truth.jsonl"), "utf8")),
    expected: JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")),
    wallMs: start?.wallMs ?? 0,
  };
}

/** The body of a request as it was before compression, or null where two requests were mixed in it. */
export function bodyOf(event: CaptureEvent & { event: "request" }): Uint8Array | null {
  const raw = Buffer.from(event.body ?? "", "base64");
  try {
    if (event.grpcCompressed || event.headers["content-encoding"] === "gzip") return gunzipSync(raw);
    return event.headers["content-encoding"] === "deflate" ? inflateSync(raw) : raw;
  } catch {
    return null;
  }
}
