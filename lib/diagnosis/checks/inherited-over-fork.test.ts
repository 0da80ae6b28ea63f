import { describe, expect, test } from "vitest";
import type { ProcessEvidence } from "@/lib/diagnosis/process-evidence";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { inheritedOverFork } from "./inherited-over-fork";

const DRAWING = `
  resize all    |------------------|     @main
    resize 1      |------|               @w1
      read          |--|                 @w1
    resize 2      |----------|           @w2
`;
const three = (of: (pid: number) => Partial<ProcessEvidence>) => ["main", "w1", "w2"].map((label, i) => processEvidence(label, of(i + 1)));
const pids = three((pid) => ({ pid }));
const find = (drawing: string, processes = pids) => inheritedOverFork.find(drawEvidence(drawing, { nowMs: 60_000, processes })).findings;

test("workers whose parent is local and yet another process's: forked, and all of them said once, as info", () => {
  expect(find(DRAWING)).toMatchObject([
    {
      severity: "info",
      certainty: "proved",
      spanIds: [spanIdOf("resize 1"), spanIdOf("resize 2")],
      count: 2,
      causes: [{ id: "context-inherited" }],
      title: { args: { parent: "resize all", processes: 2 } },
    },
  ]);
});

test("without pids, an instance id that the SDK renewed after the fork makes it likely", () => {
  const renewed = three(() => ({ pid: null }));
  expect(find(DRAWING, renewed)).toMatchObject([{ certainty: "likely", count: 2 }]);
  const cannotFork = three(() => ({
    pid: null,
    sdkLanguage: "nodejs",
    userAgent: "OTel-OTLP-Exporter-JavaScript/0.2",
    logfireVersion: null,
  }));
  expect(find(DRAWING, cannotFork)).toEqual([]);
});

describe("what is not inherited", () => {
  test("a context that was handed over", () => expect(find(DRAWING.replaceAll(/(@w.)/g, "$1 remote"))).toEqual([]));
  test("a span of which only the pending has come: it says local of every parent", () => {
    expect(find("resize all   |-------|  @main\n  resize 1     |....     @w1")).toEqual([]);
  });
  test("two providers in one program", () =>
    expect(
      find(
        DRAWING,
        three(() => ({ pid: 1 })),
      ),
    ).toEqual([]));
  test("another host", () =>
    expect(
      find(
        DRAWING,
        three((pid) => ({ pid, host: `host-${pid}` })),
      ),
    ).toEqual([]));
  test("an SDK that does not say whose its parent is", () => {
    const evidence = drawEvidence(DRAWING, { nowMs: 60_000, processes: pids });
    for (const span of evidence.spans) span.records = span.records.map((record) => ({ ...record, flags: 0 }));
    expect(inheritedOverFork.find(evidence).findings).toEqual([]);
  });
});
