import { randomUUID } from "node:crypto";
import { expect, test } from "./fixtures";
import { runProgram, SDKS } from "./programs";

for (const sdk of SDKS) {
  test(`a healthy program with ${sdk} shows a closed trace and no finding`, async ({ spanwatch, api }) => {
    const program = runProgram(sdk, "healthy", `healthy-${randomUUID()}`, spanwatch);
    const { traceId } = await program.said();
    expect(await program.ended).toBe(0);

    const trace = await api.settledTrace(traceId);

    const spans = trace.spans.map(({ name, state }) => ({ name, state }));
    expect(spans).toEqual([
      { name: "fulfil order", state: "closed" },
      { name: "reserve stock", state: "closed" },
      { name: "charge card", state: "closed" },
    ]);
    expect(trace.findings).toEqual([]);
    // Nor was there one that had to be withdrawn; that a span was open for a moment is no complaint.
    expect((await api.findings(traceId)).filter((finding) => finding.severity !== "info")).toEqual([]);
  });
}
