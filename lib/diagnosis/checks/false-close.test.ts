import { expect, test } from "vitest";
import { drawEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { falseClose } from "./false-close";

const FORKED = `
  render    |-----------------------|      @main
  render    |--------|                     @main    request=tile connection=tile
    tile       |-----|                     @tile-0  request=tile connection=tile
`;
const find = (drawing: string, nowMs = 60_000) => falseClose.find(drawEvidence(drawing, { nowMs }));

test("an end that a forked child sent of its parent's span is named, and the true one is believed", () => {
  const { findings } = find(FORKED);
  expect(findings).toMatchObject([
    { spanIds: [spanIdOf("render")], certainty: "proved", count: 1, causes: [{ id: "forked-copy" }], title: { id: "false-close.title" } },
  ]);
});

test("behind a Collector, which mixes processes in a request by itself, it is only likely", () => {
  const evidence = drawEvidence(FORKED, { nowMs: 60_000 });
  for (const { connections } of evidence.processes.values())
    for (const connection of connections) Object.assign(connection, { direct: false });
  expect(falseClose.find(evidence).findings).toMatchObject([{ certainty: "likely" }]);
});

test("a program whose SDK is not carried over a fork may have another reason: only likely", () => {
  const evidence = drawEvidence(FORKED, { nowMs: 60_000 });
  for (const process of evidence.processes.values()) {
    Object.assign(process, { userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs", logfireVersion: null });
  }
  expect(falseClose.find(evidence).findings).toMatchObject([{ certainty: "likely" }]);
});

test("a retry, and a Collector's batch with the one true end, are no false close", () => {
  expect(find("render   |-----|   @main\nrender   |-----|   @main  late=900").findings).toEqual([]);
  expect(find("render   |-----|   @main  request=batch\n  tile     |--|    @tile  request=batch").findings).toEqual([]);
});

test("the true end comes last, so nothing is said before the trace is settled", () => {
  expect(find(FORKED, 1_000)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});
