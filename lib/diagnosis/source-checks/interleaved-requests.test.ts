import { expect, test } from "vitest";
import { reject, sender, sourceEvidence } from "@/lib/testing/source-evidence";
import { ownIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { interleavedRequests } from "./interleaved-requests";

const MAIN = sender("main", { pid: 1 });
const find = (rejects: ReturnType<typeof reject>[], senders = [MAIN]) =>
  interleavedRequests.find(sourceEvidence({ nowMs: 5_000, senders, rejects })).findings;

/**
 *   connection 2   POST /v1/traces … gzip … POST /v1/traces HTTP/1.1 … gzip      main and a child, at once
 */
test("requests that lie inside each other are one finding a connection, about the process that had opened it", () => {
  const mixed = { reason: "interleaved-requests" };
  expect(find([reject("main", 900, mixed), reject("main", 1_000, mixed)])).toMatchObject([
    {
      severity: "error",
      certainty: "proved",
      count: 2,
      causes: [{ id: "shared-connection" }],
      processId: ownIdOf("main"),
      subject: ownIdOf("main"),
      lastEvidenceMs: TEST_EPOCH_MS + 1_000,
    },
  ]);
});

test("through a hop it is only likely: that may have mixed them", () => {
  const mixed = { reason: "interleaved-requests", direct: false };
  expect(find([reject("main", 900, mixed)])).toMatchObject([{ certainty: "likely", causes: [{ certainty: "likely" }] }]);
});

test("nothing is said of bodies that are broken in another way, of bytes that are no request, and of senders nobody knows", () => {
  expect(find([reject("main", 900), reject("main", 950, { reason: "garbage" }), reject("main", 990, { reason: "too-large" })])).toEqual([]);
  expect(find([reject("main", 900, { reason: "interleaved-requests" })], [])).toEqual([]);
});
