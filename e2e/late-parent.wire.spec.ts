import { randomUUID } from "node:crypto";
import { expect, test } from "./fixtures";
import { runProgram } from "./programs";
import { eventually } from "./spanwatch-api";

test("children whose parent has not come are one orphaned-span after settling, which goes away when the parent lands late", async ({
  spanwatch,
  api,
}) => {
  const importer = runProgram("otel http/protobuf", "parent", `importer-${randomUUID()}`, spanwatch);
  const parent = await importer.said();
  const worker = runProgram("otel http/protobuf", "child", `worker-${randomUUID()}`, spanwatch, {
    env: { TRACEPARENT: parent.traceparent ?? "" },
  });
  const children = [await worker.said(), await worker.said(), await worker.said()].map(({ spanId }) => spanId);
  expect(await worker.ended).toBe(0);

  await api.settledTrace(parent.traceId);
  const open = await eventually(
    async () => {
      const found = (await api.findings(parent.traceId, "open")).filter((finding) => finding.severity !== "info");
      return found.length > 0 && found;
    },
    { withinMs: 15_000, everyMs: 100, what: "the missing parent to be told" },
  );
  expect(open).toHaveLength(1);
  expect(open[0]).toMatchObject({ kind: "orphaned-span", missingSpanId: parent.spanId, count: 3 });
  expect(open[0]?.spanIds.toSorted()).toEqual(children.toSorted());

  importer.tell("end");
  expect(await importer.ended).toBe(0);

  const closed = await eventually(
    async () => (await api.findings(parent.traceId)).find((finding) => finding.kind === "orphaned-span" && finding.state !== "open"),
    { withinMs: 15_000, everyMs: 100, what: "the finding to go away" },
  );
  expect(["resolved", "retracted"]).toContain(closed.state);
  const trace = await api.settledTrace(parent.traceId);
  expect(trace.spans.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "nightly import closed",
    "import customers closed",
    "import orders closed",
    "import invoices closed",
  ]);
  expect(trace.findings.filter((finding) => finding.state === "open" && finding.severity !== "info")).toEqual([]);
});
