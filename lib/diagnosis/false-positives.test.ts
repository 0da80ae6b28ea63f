// Longer than most files: the whole register (wire.md §11) in one place, so that a line that nobody shows is seen.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { unixNanoOfMs } from "@/lib/otel/time";
import { buildSpanTree } from "@/lib/span-tree/build-span-tree";
import { resolveSpans } from "@/lib/span-tree/resolve-spans";
import { captureFolders, loadCapture } from "@/lib/testing/captures/capture";
import { replayCapture } from "@/lib/testing/captures/replay-capture";
import { drawRecords } from "@/lib/testing/draw-trace";
import { connectionEvidence, drawEvidence, type EvidenceOptions, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { baselineKey, withDurations } from "./baseline";
import type { TraceEvidence } from "./check";
import { diagnose } from "./diagnose";
import type { Kind } from "./finding";
import type { ProcessEvidence } from "./process-evidence";

type Program = { drawing: string } & Partial<EvidenceOptions>;

interface Entry {
  /** The line of the register. */
  line: string;
  /** What the drawn program does, as its author would put it. */
  program: string;
  /** What a naive rule would say of it. */
  tempts: Kind;
  silent: Program;
  /** The same without what makes it harmless: of this it is said, so that it is the guard that keeps silent and not the drawing. */
  loud?: Program;
}

const MINUTE = 60_000;
const GO = { userAgent: "OTel-OTLP-Exporter-Go/1.47.0", sdkLanguage: "go", logfireVersion: null };
const OTEL_PYTHON = { userAgent: "OTel-OTLP-Exporter-Python/1.44.0", sdkLanguage: "python", logfireVersion: null };
const closed = (label: string, closedMs: number, changes: Partial<ProcessEvidence> = {}, connection = {}): ProcessEvidence =>
  processEvidence(label, {
    ...GO,
    lastReceivedMs: 20,
    ...changes,
    connections: [connectionEvidence(label, { lastReceivedMs: 20, closedMs, ...connection })],
  });
const living = (label: string, changes: Partial<ProcessEvidence> = {}) => processEvidence(label, { ...GO, lastReceivedMs: 20, ...changes });
const fleetOf = (numbers: number[]) =>
  `fetch all   |------------|   @main\n${numbers.map((i) => `  fetch ${i}    |----|    @w${i}`).join("\n")}`;
const fleet = (numbers: number[]): Program => ({
  drawing: fleetOf(numbers),
  starts: false,
  processes: ["main", ...numbers.map((i) => `w${i}`)].map((label) => processEvidence(label, { ...OTEL_PYTHON, lastReceivedMs: 20 })),
});
/** A trace id as Logfire makes it, of a root that began so long before the drawing. */
const ulid = (beforeMs: number) => `${(TEST_EPOCH_MS - beforeMs).toString(16).padStart(12, "0")}${"5".repeat(20)}`;
const OPEN_JOB = "job   |--------|   @main\n  step   |...   @w1";

const REGISTER: readonly Entry[] = [
  {
    line: "sampling: head, parent-based",
    program: "logs of a request that was not sampled arrive, its spans do not",
    tempts: "orphaned-log",
    silent: { drawing: "(request)   |-*--*-|   @w1", starts: false, processes: [closed("w1", 3_000)] },
    loud: { drawing: "boot   |------|   @w1\n  (request)   |-*--*-|   @w1", starts: false, processes: [closed("w1", 3_000)] },
  },
  {
    line: "sampling: Logfire's tail (T20)",
    program: "background work goes on after its root was dropped by tail sampling",
    tempts: "lost-batch",
    silent: { drawing: "(request)\n  background   |---|   @w1", traceId: ulid(20_000), nowMs: 10 * MINUTE },
    loud: { drawing: "(request)\n  background   |---|   @w1", traceId: ulid(10), nowMs: 10 * MINUTE },
  },
  {
    line: "a Collector's tail sampling and filters (O11)",
    program: "a filter drops a span in the middle, its service goes on",
    tempts: "orphaned-span",
    silent: {
      drawing: "handle   |------|   @web\n  (health)\n    query   |-|   @web",
      starts: false,
      nowMs: 9 * MINUTE,
      processes: [
        living("web", {
          userAgent: "OpenTelemetry Collector/0.150.0",
          connections: [connectionEvidence("web", { direct: false })],
          lastReceivedMs: 8 * MINUTE,
        }),
      ],
    },
    loud: {
      drawing: "handle   |------|   @web\n  (health)\n    query   |-|   @web",
      starts: false,
      nowMs: 9 * MINUTE,
      processes: [closed("web", 3_000)],
    },
  },
  {
    line: "late data, disk retry (T3)",
    program: "Logfire sends a failed batch again from disk, two minutes later",
    tempts: "lost-batch",
    silent: { drawing: "job   |------|   @w1\n  (step)\n    read   |-|   @w1", nowMs: 2 * MINUTE },
    loud: { drawing: "job   |------|   @w1\n  (step)\n    read   |-|   @w1", nowMs: 4 * MINUTE },
  },
  {
    line: "late data, disk retry (T3)",
    program: "the parent comes long after its children, when it ends",
    tempts: "orphaned-span",
    silent: { drawing: "(batch)\n  report   |-|   @w1", starts: false, nowMs: 9 * MINUTE, processes: [living("w1")] },
    loud: { drawing: "(batch)\n  report   |-|   @w1", starts: false, nowMs: 9 * MINUTE, processes: [closed("w1", 3_000)] },
  },
  {
    line: "pending after final (T04)",
    program: "the start of a root overtakes nothing: it arrives after its end, and then its process exits",
    tempts: "abandoned-span",
    silent: { drawing: "job   |------|   @w1  no-start\njob   |...   @w1  late=500", processes: [closed("w1", 3_000)] },
    loud: { drawing: "job   |...   @w1  late=500", processes: [closed("w1", 3_000)] },
  },
  {
    line: "JavaScript's double records",
    program: "logfire-js sends start and end of every span, however short",
    tempts: "divergent-ends",
    silent: { drawing: "GET /   |---|   @web\n  render   |-|   @web" },
    loud: { drawing: "GET /   |---|   @web\nGET /   |------|   @web" },
  },
  {
    line: "root pending without attribute (Rust)",
    program: "a root's start names no parent, and neither does its end",
    tempts: "several-roots",
    silent: { drawing: "main   |------|   @rust" },
    loud: { drawing: "main   |------|   @rust\nother   |------|   @rust" },
  },
  {
    line: "SystemExit status (T28)",
    program: "sys.exit within nested spans ends them at once, with an error",
    tempts: "closed-at-exit",
    silent: {
      drawing: "main   |------|   @w1  error  request=last\n  work   |-----|   @w1  error  request=last",
      processes: [closed("w1", 30, processOf())],
    },
    loud: {
      drawing: "main   |------|   @w1  request=last\n  work   |-----|   @w1  request=last",
      processes: [closed("w1", 30, processOf())],
    },
  },
  {
    line: "ThreadPool and worker_threads set the remote bit (P3)",
    program: "a pool thread gets its context attached: remote, though it is the same process, whose span still runs",
    tempts: "orphaned-span",
    silent: { drawing: "(batch)\n  task   |-|   @w1  remote", starts: false, nowMs: 9 * MINUTE, processes: [living("w1")] },
    loud: { drawing: "(batch)\n  task   |-|   @w1  remote", starts: false, nowMs: 9 * MINUTE, processes: [closed("w1", 3_000)] },
  },
  {
    line: "producers and consumers, links, streaming and background children (P4, P7)",
    program: "a message is consumed after it was produced",
    tempts: "parent-already-closed",
    silent: { drawing: "send   |-|   @shop  producer\n  receive        |---|   @mail  consumer  remote" },
  },
  {
    line: "producers and consumers, links, streaming and background children (P4, P7)",
    program: "three mails are sent in the background, after their request was answered",
    tempts: "context-leak",
    silent: { drawing: "order   |-|   @shop\n  mail 1       |-|\n  mail 2          |-|\n  mail 3             |-|" },
    loud: { drawing: "mail   |-|   @shop\n  mail#2       |-|\n    mail#3          |-|\n      mail#4             |-|" },
  },
  {
    line: "reverse proxies hide connections",
    program: "a proxy closes its pooled connection while the worker behind it works on",
    tempts: "abandoned-span",
    silent: { drawing: OPEN_JOB, processes: [living("main"), closed("w1", 100, {}, { direct: false })], nowMs: 20_000 },
    loud: { drawing: OPEN_JOB, processes: [living("main"), closed("w1", 100)], nowMs: 20_000 },
  },
  {
    line: "idle timers close connections (Go, Java, .NET)",
    program: "Go's transport closes its connection after 90 idle seconds",
    tempts: "abandoned-span",
    silent: { drawing: OPEN_JOB, processes: [living("main"), closed("w1", 90_020)], nowMs: 3 * MINUTE },
    loud: { drawing: OPEN_JOB, processes: [living("main"), closed("w1", 70_020)], nowMs: 3 * MINUTE },
  },
  {
    line: "frozen runtimes (Lambda, Cloud Run)",
    program: "a function is frozen after its answer, its connection is cut, and others like it have come back before",
    tempts: "abandoned-span",
    silent: { drawing: OPEN_JOB, processes: [living("main"), closed("w1", 400, { pathReconnects: true })], nowMs: 20_000 },
    loud: { drawing: OPEN_JOB, processes: [living("main"), closed("w1", 400)], nowMs: 20_000 },
  },
  {
    line: "pids come again, and every container has pid 1",
    program: "two containers with pid 1 each call the other",
    tempts: "shared-connection",
    silent: {
      drawing: "GET /   |------|   @front\n  call   |---|   @front  client\n    serve   |-|   @back  server remote",
      processes: [processEvidence("front", { pid: 1, host: "a" }), processEvidence("back", { pid: 1, host: "b" })],
    },
  },
  {
    line: "pids come again, and every container has pid 1",
    program: "the pid of a worker lives on this machine, but something else holds its connection",
    tempts: "abandoned-span",
    silent: {
      drawing: OPEN_JOB,
      processes: [living("main"), living("w1", { pid: 7, local: { pid: 7, verifiedBy: null, aliveAtMs: 10, goneAtMs: null } })],
    },
    loud: {
      drawing: OPEN_JOB,
      processes: [living("main"), living("w1", { pid: 7, local: { pid: 7, verifiedBy: "socket", aliveAtMs: 10, goneAtMs: 900 } })],
    },
  },
  {
    line: "sparse numeric ids (W2)",
    program: "workers are named after customers 0, 7, 8 and 11",
    tempts: "silent-worker",
    silent: fleet([0, 7, 8, 11]),
    loud: fleet([0, 1, 3, 4]),
  },
  {
    line: "detached daemons by design",
    program: "a daemon outlives the span that started it, its siblings were done long ago",
    tempts: "abandoned-span",
    silent: {
      drawing: "start all   |--------|   @main\n  serve 1   |----|   @w1\n  serve 2   |----|   @w2\n  serve 3   |....   @w3",
      processes: ["main", "w1", "w2", "w3"].map((label) => living(label)),
      nowMs: 5 * MINUTE,
    },
    loud: {
      drawing: "start all   |--------|   @main\n  serve 1   |----|   @w1\n  serve 2   |----|   @w2\n  serve 3   |....   @w3",
      processes: [...["main", "w1", "w2"].map((label) => living(label)), closed("w3", 100)],
      nowMs: 5 * MINUTE,
    },
  },
  {
    line: "clock skew across hosts",
    program: "the child of another host seems to begin before its parent, by 80 ms",
    tempts: "child-before-parent",
    silent: {
      drawing: "   call        |------|   @a  client\n     serve   |---|   @b  server remote",
      msPerColumn: 40,
      processes: [processEvidence("a", { host: "a" }), processEvidence("b", { host: "b" })],
    },
  },
  {
    line: "Zipkin's shared spans",
    program: "the server reuses the id of the client's span",
    tempts: "duplicate-span-id",
    silent: { drawing: "call   |------|   @front  client\nserve    |---|   @back  server  id=call", starts: false },
    loud: { drawing: "call   |------|   @front\nserve    |---|   @back  id=call", starts: false },
  },
  {
    line: "Datadog's partial versions",
    program: "a long span is sent again and again with a version, and then with its end",
    tempts: "divergent-ends",
    silent: { drawing: "import   |.+.+.+.   @w1\nimport   |---------|   @w1  no-start" },
    loud: { drawing: "import   |-------|   @w1\nimport   |---------|   @w1  no-start" },
  },
  {
    line: "traces that are open by design (L12)",
    program: "a consumer loop runs for half an hour and handles messages all the while",
    tempts: "stale-span",
    silent: { drawing: "consume   |........   @w1\n  message   |-|   @w1  late=1740000", nowMs: 30 * MINUTE },
    loud: { drawing: "consume   |........   @w1\n  message   |-|   @w1", nowMs: 30 * MINUTE },
  },
  {
    line: "a baseline for each service and name",
    program: "a nightly import takes two hours every night",
    tempts: "stale-span",
    silent: { drawing: "import   |......   @w1", nowMs: 60 * MINUTE, baselines: usually("import", 120 * MINUTE) },
    loud: { drawing: "import   |......   @w1", nowMs: 60 * MINUTE, baselines: usually("import", MINUTE) },
  },
  {
    line: "the edge of the retention: the parent was deleted",
    program: "a trace goes on for longer than it is kept, and its root is older",
    tempts: "orphaned-span",
    silent: { drawing: "(serve)\n  query   |-|   @w1", starts: false, processes: [closed("w1", 3_000)], isCut: true },
    loud: { drawing: "(serve)\n  query   |-|   @w1", starts: false, processes: [closed("w1", 3_000)] },
  },
  {
    line: "never before the settling time",
    program: "three of four workers have reported, the fourth is about to",
    tempts: "silent-worker",
    silent: { ...fleet([0, 1, 3, 4]), nowMs: 20_000 },
    loud: { ...fleet([0, 1, 3, 4]), nowMs: MINUTE },
  },
];

/** Logfire in Python, whose exit handler ends what is open. */
function processOf(): Partial<ProcessEvidence> {
  return { userAgent: "logfire/4.41.0", sdkLanguage: "python", logfireVersion: "4.41.0", lastReceivedMs: 10 };
}

function usually(name: string, durationMs: number): TraceEvidence["baselines"] {
  const durations = Array.from({ length: 50 }, () => durationMs);
  return new Map([[baselineKey("shop", name), withDurations(null, durations)]]);
}

/** Kinds that are said, information aside. */
const said = ({ drawing, ...options }: Program): Kind[] =>
  diagnose(drawEvidence(drawing, { nowMs: MINUTE, ...options }))
    .findings.filter(({ severity }) => severity !== "info")
    .map(({ kind }) => kind);

describe.each(REGISTER)("$line", ({ program, tempts, silent, loud }) => {
  test(`${program}: nothing is said`, () => {
    expect(said(silent)).toEqual([]);
  });
  if (loud === undefined) return;
  test(`… and it is the guard that keeps silent about ${tempts}`, () => {
    expect(said(loud)).toContain(tempts);
  });
});

/** Lines that recordings of real programs show: of these only what is listed may be said. */
const RECORDED: readonly { line: string; capture: string; may: Kind[] }[] = [
  { line: "idle timers close connections (Go, Java, .NET)", capture: "go-idle-connections", may: [] },
  { line: "background children (P7)", capture: "go-mail-after-reply", may: [] },
  { line: "Zipkin's shared spans, a connection a batch", capture: "go-zipkin-flush", may: [] },
  { line: "producers and consumers", capture: "py-queue-after-producer", may: [] },
  {
    line: "cloud-injected traceparents (O3b): told as callers outside, never as a loss",
    capture: "go-gateway-traceparent",
    may: ["orphaned-span"],
  },
];

describe("recorded", () => {
  const folders = new Map(captureFolders().map((folder) => [folder.split("/").at(-1), folder]));
  test.each(RECORDED.filter(({ capture }) => folders.has(capture)))("$line: $capture", ({ capture, may }) => {
    const { findings } = replayCapture(loadCapture(folders.get(capture) as string), { settleMs: 3_000, staleAfterMs: 600_000 });
    const loud = findings.filter(({ severity }) => severity !== "info");
    expect(loud.filter(({ kind }) => !may.includes(kind))).toEqual([]);
    for (const { severity, causes } of loud) expect([severity, causes[0]?.id]).toEqual(["warning", "external-parent"]);
  });
});

/** Lines that no single trace can show, with the reason and the place that shows them instead. */
const ELSEWHERE: readonly { line: string; because: string; file: string; holds: string }[] = [
  {
    line: "sampling of single spans (`logfire.sample_rate`)",
    because: "the checks do not see attributes; what it does to lost-batch is said as its assumption",
    file: "docs/certainty.md",
    holds: "logfire.sample_rate",
  },
  {
    line: "tail sampling and SIGKILL before the decision (T21)",
    because: "nothing at all arrives, so there is nothing to look at",
    file: "lib/diagnosis/robustness.test.ts",
    holds: "killed",
  },
  {
    line: "root pending without attribute (Rust)",
    because: "the attribute is undone by the decoder",
    file: "lib/otlp/dialects/logfire.test.ts",
    holds: "of a root, as Rust says it",
  },
  {
    line: "JavaScript's double records",
    because: "that logs are told by their attribute and not by their length is the decoder's",
    file: "lib/otlp/dialects/logfire.test.ts",
    holds: "is told by its attribute alone",
  },
  {
    line: "processes with several tokens",
    because: "hand-shakes belong to senders, not to a trace",
    file: "lib/diagnosis/source-checks/silent-worker.test.ts",
    holds: "twice of one program with two tokens",
  },
  {
    line: "reloaders that configure again and again",
    because: "hand-shakes belong to senders, not to a trace",
    file: "lib/diagnosis/source-checks/silent-worker.test.ts",
    holds: "reloader",
  },
  {
    line: "the border of a project: the parent was sent with another project's key",
    because: "there is one project today, and a trace is read within its project",
    file: "docs/checks/orphaned-span.md",
    holds: "external-parent",
  },
  {
    line: "hosts that share a name",
    because: "two hosts of one name cannot be told from one: what rests on a common clock assumes it",
    file: "docs/certainty.md",
    holds: "hosts of one name are one host",
  },
  {
    line: "test suites with deterministic ids",
    because: "two runs under one id are told as that, once: it is what was received",
    file: "lib/diagnosis/checks/duplicate-span-id.test.ts",
    holds: "test(",
  },
];

test.each(ELSEWHERE)("$line is shown elsewhere: $because", ({ file, holds }) => {
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, "utf8")).toContain(holds);
});

test("the order of arrival says nothing: a pending that comes after its final opens nothing", () => {
  const records = drawRecords("job   |------|   @w1");
  const swapped = records.map((record, i) => ({ ...record, receivedMs: TEST_EPOCH_MS + 100 - i }));
  const spans = resolveSpans(swapped);
  expect(spans).toMatchObject([{ endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 7), processId: ownIdOf("w1") }]);
  expect(buildSpanTree(spans).roots).toHaveLength(1);
});
