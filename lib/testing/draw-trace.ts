import type { LogRecord } from "@/lib/otel/log-record";
import { HAS_IS_REMOTE, IS_REMOTE, type Phase, type Span, type SpanKind, type SpanRecord } from "@/lib/otel/span";
import { unixNanoOfMs } from "@/lib/otel/time";
import { resolveSpans } from "@/lib/span-tree/resolve-spans";
import { logRecord, ownIdOf, spanIdOf, spanRecord, TEST_EPOCH_MS, TEST_TRACE_ID } from "./spans";

/**
 * A picture of a trace, one line a span, becomes the records that its processes would have sent:
 *
 *   checkout        |-------------------|       @web           a column is a ms; the bar that begins leftmost begins at epochMs
 *     charge           |..+....                 @web           no end: only its start came (and a heartbeat at +)
 *     job#1            |--*--|                  @jobs/worker-1 service "jobs", process "worker-1"; a log record at *
 *     (batch)                                                  known only because others name it: nothing is sent
 *     (pack)           |-*--*-|                                … or because log records were written in it: only these are sent
 *       report           |----|                                indentation is parentage
 *   stray           |--|                        <- charge      … unless another parent is named, drawn or not
 *
 * Words after the bar: `<- label`, `@process` or `@service/process` (else its parent's), `server` `client` `producer` `consumer`, `remote`
 * (the parent is remote), `error`, `no-start` (an SDK that reports at the end only), `late=ms` (all of it arrives so late),
 * `id=label` (a span that carries another's id), `request=label`, `connection=label` (carried there, not in the process's own).
 * A label is a span's name and its identity: the same label twice is the same span reported twice; `#…` is not part of the name.
 */
export interface DrawingOptions {
  epochMs?: number;
  traceId?: string;
  msPerColumn?: number;
  /** Whether starts are sent too, as Logfire SDKs do (default), or ends only, as plain OpenTelemetry SDKs do. An open span always has its start. */
  starts?: boolean;
  /** From a moment to its arrival here, ms; 1 if not given. */
  delayMs?: number;
  service?: string;
}

/** The drawn spans, resolved from their records. */
export const drawTrace = (drawing: string, options: DrawingOptions = {}): Span[] => resolveSpans(drawRecords(drawing, options));

/** The drawn records in order of arrival. */
export function drawRecords(drawing: string, options: DrawingOptions = {}): SpanRecord[] {
  const { epochMs = TEST_EPOCH_MS, traceId = TEST_TRACE_ID, starts = true, delayMs = 1 } = options;
  const records: SpanRecord[] = [];
  for (const line of readLines(drawing, options)) {
    if (!line.bar || line.isMissing) continue;
    const { startMs, endMs, heartbeatsMs } = line.bar;
    const report = (phase: Phase, atMs: number): SpanRecord =>
      spanRecord({
        ...placeOf(line, `${phase} ${atMs}`),
        traceId,
        spanId: spanIdOf(line.id),
        parentSpanId: line.parent === null ? null : spanIdOf(line.parent),
        phase,
        name: line.name,
        kind: line.kind,
        statusCode: line.error && phase === "end" ? "error" : "unset",
        flags: HAS_IS_REMOTE | (line.remote ? IS_REMOTE : 0),
        startTimeUnixNano: unixNanoOfMs(epochMs + startMs),
        endTimeUnixNano: phase === "end" ? unixNanoOfMs(epochMs + atMs) : null,
        receivedMs: epochMs + atMs + delayMs + line.lateMs,
      });
    if (endMs === null || (starts && !line.noStart)) records.push(report("start", startMs));
    for (const atMs of heartbeatsMs) records.push(report("heartbeat", atMs));
    if (endMs !== null) records.push(report("end", endMs));
  }
  return records.sort((a, b) => a.receivedMs - b.receivedMs);
}

/** The drawn log records in order of arrival. */
export function drawLogs(drawing: string, options: DrawingOptions = {}): LogRecord[] {
  const { epochMs = TEST_EPOCH_MS, traceId = TEST_TRACE_ID, delayMs = 1 } = options;
  return readLines(drawing, options)
    .flatMap((line) =>
      (line.bar?.logsMs ?? []).map((atMs) =>
        logRecord({
          ...placeOf(line, `log ${atMs}`),
          traceId,
          spanId: spanIdOf(line.id),
          timeUnixNano: unixNanoOfMs(epochMs + atMs),
          receivedMs: epochMs + atMs + delayMs + line.lateMs,
        }),
      ),
    )
    .sort((a, b) => a.receivedMs - b.receivedMs);
}

/** Ids of the process, connection and request that carried a report of `line`. */
const placeOf = (line: Line, moment: string) => ({
  service: line.service,
  processId: ownIdOf(line.process),
  resourceId: ownIdOf(line.process),
  connectionId: ownIdOf(line.connection ?? line.process),
  requestId: ownIdOf(`request ${line.request ?? `${line.process} ${line.id} ${moment}`}`),
});

interface Line {
  label: string;
  id: string;
  name: string;
  parent: string | null;
  isMissing: boolean;
  service: string;
  process: string;
  kind: SpanKind;
  remote: boolean;
  error: boolean;
  noStart: boolean;
  lateMs: number;
  request: string | null;
  connection: string | null;
  bar: { startMs: number; endMs: number | null; heartbeatsMs: number[]; logsMs: number[] } | null;
}

const LINE = /^(\s*)([^|]*?)\s*(?:(\|[-*+]*\||\|[.*+]*)(.*))?$/;
const KINDS: readonly string[] = ["server", "client", "producer", "consumer"];

function readLines(drawing: string, options: DrawingOptions): Line[] {
  const texts = drawing.split("\n").filter((text) => text.trim() !== "");
  const origin = Math.min(...texts.map((text) => text.indexOf("|")).filter((column) => column >= 0));
  const above: { indent: number; line: Line }[] = [];
  return texts.map((text) => {
    const [, indentText = "", label = "", bar, tail = ""] = LINE.exec(text) ?? [];
    if (label === "" || (bar === undefined && !/^\(.+\)/.test(label))) throw new Error(`A drawing has a line that cannot be read: ${text}`);
    while (above.length > 0 && (above.at(-1)?.indent ?? 0) >= indentText.length) above.pop();
    const line = readLine(label, tail, above.at(-1)?.line ?? null, options);
    if (bar !== undefined) line.bar = readBar(bar, text.indexOf("|") - origin, options.msPerColumn ?? 1);
    above.push({ indent: indentText.length, line });
    return line;
  });
}

function readLine(drawnLabel: string, tail: string, parent: Line | null, options: DrawingOptions): Line {
  const label = /^\((.+?)\)/.exec(drawnLabel)?.[1] ?? drawnLabel;
  const line: Line = {
    label,
    id: label,
    name: label.replace(/#.*$/, ""),
    parent: parent?.id ?? null,
    isMissing: label !== drawnLabel,
    service: parent?.service ?? options.service ?? "shop",
    process: parent?.process ?? "main",
    kind: "internal",
    remote: false,
    error: false,
    noStart: false,
    lateMs: 0,
    request: null,
    connection: null,
    bar: null,
  };
  const named = /<- (.+?)(?=\s{2,}|\s@|$)/.exec(tail);
  if (named?.[1]) line.parent = named[1].trim();
  for (const word of tail
    .replace(named?.[0] ?? "", "")
    .trim()
    .split(/\s+/)
    .filter(Boolean))
    readWord(line, word);
  return line;
}

function readWord(line: Line, word: string): void {
  const [key = "", value = ""] = word.split("=");
  if (word.startsWith("@")) {
    const [process = "", service] = word.slice(1).split("/").reverse();
    line.process = process;
    line.service = service ?? line.service;
  } else if (KINDS.includes(word)) line.kind = word as SpanKind;
  else if (word === "remote") line.remote = true;
  else if (word === "error") line.error = true;
  else if (word === "no-start") line.noStart = true;
  else if (key === "late") line.lateMs = Number(value);
  else if (key === "id") line.id = value;
  else if (key === "request") line.request = value;
  else if (key === "connection") line.connection = value;
  else throw new Error(`A drawing says "${word}" of ${line.label}, which means nothing`);
}

function readBar(bar: string, column: number, msPerColumn: number): NonNullable<Line["bar"]> {
  const at = (mark: string) => [...bar].flatMap((char, i) => (char === mark ? [(column + i) * msPerColumn] : []));
  const isEnded = bar.length > 1 && bar.endsWith("|");
  return {
    startMs: column * msPerColumn,
    endMs: isEnded ? (column + bar.length - 1) * msPerColumn : null,
    heartbeatsMs: at("+"),
    logsMs: at("*"),
  };
}
