import { expect, test } from "vitest";
import { sender, sourceEvidence } from "@/lib/testing/source-evidence";
import { missingIdentity } from "./missing-identity";

const find = (...senders: ReturnType<typeof sender>[]) => missingIdentity.find(sourceEvidence({ nowMs: 5_000, senders })).findings;

/**
 *   service.name = shop, telemetry.sdk.language = python          no service.instance.id, no process.pid
 */
test("processes without pid and instance id are told once for their service, and never as an error", () => {
  const nameless = { serviceInstanceId: null, pid: null };
  expect(find(sender("a", nameless), sender("b", nameless))).toMatchObject([{ severity: "info", service: "shop", count: 2 }]);
});

test("nothing is said of a process that says one of the two", () => {
  expect(find(sender("a", { serviceInstanceId: null, pid: 4 }), sender("b", { pid: null }))).toEqual([]);
});
