import { expect, test } from "vitest";
import { sender, sourceEvidence } from "@/lib/testing/source-evidence";
import { unnamedService } from "./unnamed-service";

const find = (...services: string[]) =>
  unnamedService.find(sourceEvidence({ nowMs: 5_000, senders: services.map((service, i) => sender(`p${i}`, { service })) })).findings;

/**
 *   service.name = unknown_service:python     a nightly job, a web server, somebody's notebook …
 */
test("programs that nobody gave a name are told, one finding a name, and never as an error", () => {
  expect(find("unknown_service:python", "unknown_service:python", "")).toMatchObject([
    { severity: "info", service: "unknown_service:python", count: 2 },
    { severity: "info", service: "unknown_service", count: 1 },
  ]);
});

test("nothing is said of names that merely contain the words", () => {
  expect(find("shop", "unknown_services", "my unknown_service")).toEqual([]);
});
