import { expect, test } from "vitest";
import { reject, sender, sourceEvidence } from "@/lib/testing/source-evidence";
import { pipelineLoss } from "./pipeline-loss";

const SENDERS = [sender("a"), sender("b")];
const find = (rejects: ReturnType<typeof reject>[], senders = SENDERS) =>
  pipelineLoss.find(sourceEvidence({ nowMs: 5_000, senders, rejects })).findings;

/**
 *   demo-shop   POST 200   POST 200   POST 413 too large   POST 200        what the third one carried is lost
 */
test("what we refused of a known sender for good is proved lost, once for each service and reason, with what was answered", () => {
  const large = { reason: "too-large", status: 413, detail: "65 MiB" };
  const found = find([reject("a", 900, large), reject("b", 950, large), reject("a", 970, { detail: "field 3" })]);
  expect(found).toMatchObject([
    { severity: "error", certainty: "proved", count: 2, causes: [{ id: "pipeline-loss" }] },
    { severity: "error", certainty: "proved", count: 1, causes: [{ id: "corrupt-data" }, { id: "pipeline-loss" }] },
  ]);
  expect(found[0]?.evidence.map(({ sentence }) => sentence.args.detail)).toContain("65 MiB");
});

test("nothing is said of what is sent again, of mixed requests, of strange bytes, and of senders that nobody knows", () => {
  for (const reason of ["overload", "stopping", "database-away", "interleaved-requests", "garbage"])
    expect(find([reject("a", 900, { reason })])).toEqual([]);
  expect(find([reject("stranger", 900)])).toEqual([]);
});
