import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Capture, captureFolders, loadCapture } from "@/e2e/score/capture";
import { type Judged, judge, type Verdict } from "@/e2e/score/judge";
import { type Replayed, replay } from "@/e2e/score/replay";
import { complaintsOf, tableOf } from "@/e2e/score/table";
import { type SpanView, SpanwatchApi } from "@/e2e/spanwatch-api";
import { type Addresses, type RunningSpanwatch, startSpanwatch } from "@/e2e/start-spanwatch";
import { CHECKS } from "@/lib/diagnosis";
import { SOURCE_CHECKS } from "@/lib/diagnosis/source-checks";

// `npm run score`: replays recorded traffic of real SDKs and compares what is found with what happened.
//
//   npm run score -- [FOLDER …] [--api URL --http URL --grpc URL] [--settle-ms 3000] [--all-kinds] [--report FILE]
//
// FOLDER: captures, or folders of them; without one SPANWATCH_CAPTURES, else the copies in e2e/captures and, where the project lies beside
// them, ../shared/captures. Without --api a Spanwatch of its own is started on free ports, with an empty database, and removed afterwards.
// Kinds that have no check yet are not counted as missed, unless --all-kinds.
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    api: { type: "string" },
    http: { type: "string", default: "http://127.0.0.1:4318" },
    grpc: { type: "string", default: "127.0.0.1:4317" },
    "settle-ms": { type: "string", default: "3000" },
    "all-kinds": { type: "boolean", default: false },
    report: { type: "string" },
  },
});
/** What the issue that asked for the first checks asks of them, over captures that were not chosen for them. */
const MIN_RECALL = 0.9;
const MIN_PRECISION = 0.95;
const AT_ONCE = 24;
/** Bytes of two requests mixed on one socket: what the recorder made of them, no server can repeat. */
const DIFFERENT_BY_NATURE = new Set(["py-shared-socket"]);
const OWN = "e2e/captures";
const SHARED = "../shared/captures";
const SHARED_TOOL = "../shared/tools/score.mjs";

const settleMs = Number(options["settle-ms"]);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const kinds = new Set<string>([...CHECKS, ...SOURCE_CHECKS].map((check) => check.kind));
const cases: { name: string; complaints: string[] }[] = [];

const given = positionals.length > 0 ? positionals : process.env.SPANWATCH_CAPTURES ? [process.env.SPANWATCH_CAPTURES] : null;
const folders = (given ?? [OWN]).flatMap(captureFolders);
if (folders.length === 0) {
  console.error(`no capture in ${(given ?? [OWN]).join(", ")}: expected folders with traffic.jsonl.gz and expected.json`);
  process.exit(1);
}
const captures = folders.map(loadCapture);
let running: RunningSpanwatch | null = null;
const stop = () => void (running?.stop() ?? Promise.resolve()).then(() => process.exit(130));
process.on("SIGINT", stop).on("SIGTERM", stop);

await onSpanwatch(async (addresses) => {
  const verdicts = await scoreAll(captures, addresses);
  console.log(`\n${tableOf(verdicts)}`);
  for (const verdict of verdicts) cases.push({ name: `capture ${verdict.id}`, complaints: complaintsOf(verdict) });
});
if (given === null) await scoreShared();

const failed = cases.filter(({ complaints }) => complaints.length > 0);
for (const { name, complaints } of failed) for (const complaint of complaints) console.log(`✗ ${name}: ${complaint}`);
if (options.report) {
  writeFileSync(
    options.report,
    JSON.stringify({
      passed: cases.length - failed.length,
      failed: failed.length,
      skipped: 0,
      failures: failed.map(({ name, complaints }) => `${name}: ${complaints.join("; ")}`),
      skips: [],
    }),
  );
}
process.exit(failed.length > 0 ? 1 : 0);

/** A Spanwatch that knows nothing yet (a capture that was replayed before would look like a process that came back), or the given one. */
async function onSpanwatch(use: (addresses: Addresses) => Promise<void>): Promise<void> {
  if (options.api) return use({ web: options.api, http: options.http, grpc: options.grpc });
  running = await startSpanwatch({ SPANWATCH_SETTLE_MS: String(settleMs) });
  try {
    await use(running);
  } finally {
    await running.stop();
    running = null;
  }
}

async function scoreAll(all: Capture[], addresses: Addresses): Promise<Verdict[]> {
  const api = new SpanwatchApi(addresses.web);
  const queue = [...all];
  const verdicts: Verdict[] = [];
  const worker = async () => {
    for (let capture = queue.shift(); capture; capture = queue.shift()) {
      const replayed = await replay(capture, addresses);
      await sleep(2 * settleMs + 4000);
      for (const traceId of replayed.traceIds) if (await api.trace(traceId)) await api.settledTrace(traceId, 60_000);
      await sleep(1000);
      const counted = options["all-kinds"] ? new Set([...kinds, ...capture.expected.expect.map((rule) => rule.kind)]) : kinds;
      verdicts.push(judge(replayed, await findingsOf(api, replayed), await spansOf(api, replayed), counted));
      replayed.release();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return verdicts.sort((a, b) => a.id.localeCompare(b.id));
}

/** Findings of the capture's traces, and those of its services that have no trace. */
async function findingsOf(api: SpanwatchApi, { traceIds, services }: Replayed): Promise<Judged[]> {
  const found = new Map<string, Judged>();
  for (const query of [...traceIds.map((id) => `traceId=${id}`), ...services.map((name) => `service=${encodeURIComponent(name)}`)]) {
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { items: Judged[]; nextCursor: string | null } = await api.get(
        `/api/findings?${query}&state=all&limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
      );
      for (const finding of page.items) found.set(finding.id, finding);
      cursor = page.nextCursor;
    }
  }
  return [...found.values()].filter((finding) => finding.traceId === null || traceIds.includes(finding.traceId));
}

async function spansOf(api: SpanwatchApi, { traceIds }: Replayed): Promise<Map<string, SpanView>> {
  const traces = await Promise.all(traceIds.map((id) => api.trace(id)));
  return new Map(traces.flatMap((trace) => trace?.spans ?? []).map((span) => [span.spanId, span]));
}

/** What the shared tool writes, as far as it is read here. */
interface SharedVerdict {
  id: string;
  results: { rule: { kind: string }; found: boolean }[];
  falseFindings: unknown[];
  refused: { status: number | string }[];
}

/** All recorded captures, by the tool that came with them, where they lie beside the project. */
async function scoreShared(): Promise<void> {
  if (!existsSync(SHARED_TOOL) || !existsSync(SHARED)) {
    console.log(`\n${SHARED} and ${SHARED_TOOL} are not here: only the ${captures.length} captures in ${OWN} were scored.`);
    return;
  }
  console.log(`\nNow every capture of ${SHARED}:\n`);
  const file = join(tmpdir(), `spanwatch-score-${process.pid}.json`);
  await onSpanwatch(({ web, http, grpc }) => {
    const args = ["--api", web, "--http", http, "--grpc", grpc.replace("http://", ""), "--settle-ms", String(settleMs), "--json", file];
    return new Promise((resolve) => {
      const tool = spawn(process.execPath, [SHARED_TOOL, ...captureFolders(SHARED), ...args], { stdio: ["ignore", "inherit", "inherit"] });
      tool.once("close", () => resolve());
    });
  });
  if (!existsSync(file)) {
    cases.push({ name: "all captures", complaints: [`${SHARED_TOOL} wrote no result`] });
    return;
  }
  const { judged } = JSON.parse(readFileSync(file, "utf8")) as { judged: SharedVerdict[] };
  rmSync(file);
  const results = judged.flatMap((one) => one.results).filter((result) => kinds.has(result.rule.kind));
  const found = results.filter((result) => result.found).length;
  const wrong = judged.reduce((sum, one) => sum + one.falseFindings.length, 0);
  const recall = results.length ? found / results.length : 1;
  const precision = found + wrong ? found / (found + wrong) : 1;
  console.log(`\nOf the ${kinds.size} kinds that have a check: recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}`);
  cases.push({ name: "all captures: recall", complaints: recall >= MIN_RECALL ? [] : [`${recall.toFixed(3)}, promised ${MIN_RECALL}`] });
  cases.push({
    name: "all captures: precision",
    complaints: precision >= MIN_PRECISION ? [] : [`${precision.toFixed(3)}, promised ${MIN_PRECISION}`],
  });
  const refused = judged.flatMap((one) =>
    DIFFERENT_BY_NATURE.has(one.id)
      ? []
      : one.refused.filter(({ status }) => !(Number(status) >= 200 && Number(status) < 300)).map(() => one.id),
  );
  cases.push({
    name: "all captures: answers",
    complaints:
      refused.length === 0 ? [] : [`${refused.length} requests refused that were taken when recorded: ${[...new Set(refused)].join(", ")}`],
  });
}
