import { expect, test } from "vitest";
import { type SdkIdentity, sdkCapabilitiesOf } from "./sdk-capabilities";

const sdk = (identity: Partial<SdkIdentity>) =>
  sdkCapabilitiesOf({ userAgent: "", sdkName: null, sdkLanguage: null, sdkVersion: null, logfireVersion: null, ...identity });

test("a Logfire token route brings starts; the same SDK over plain OTLP brings ends only, so its open parents are not called lost", () => {
  expect(sdk({ userAgent: "logfire/4.41.0", sdkLanguage: "python" })).toMatchObject({ sendsStarts: true, fifo: true, batchDelayMs: 500 });
  const plain = { userAgent: "OTel-OTLP-Exporter-Python/1.44.0", sdkLanguage: "python", logfireVersion: "4.41.0" };
  expect(sdk(plain)).toMatchObject({ sendsStarts: false, batchDelayMs: 5_000 });
});

test("logfire-node sends starts through a Collector too", () => {
  const node = { userAgent: "OpenTelemetry Collector/0.150.0 (linux/amd64)", sdkName: "logfire", sdkLanguage: "nodejs" };
  expect(sdk(node)).toMatchObject({ sendsStarts: true, fifo: false });
  expect(sdk({ userAgent: "logfire-js/0.18.25 OTel-OTLP-Exporter-JavaScript/0.223.1" })).toMatchObject({ sendsStarts: true, fifo: false });
});

test("what a forked child does depends on the version of logfire", () => {
  expect(sdk({ userAgent: "logfire/2.11.0" })).toMatchObject({ forkedIdentityIsStale: true, flushesAtForkExit: false });
  expect(sdk({ userAgent: "logfire/4.39.2" })).toMatchObject({ forkedIdentityIsStale: true, flushesAtForkExit: true });
  expect(sdk({ userAgent: "logfire/4.40.0" })).toMatchObject({ forkedIdentityIsStale: false, flushesAtForkExit: true });
  expect(sdk({ userAgent: "logfire/5.0.1" })).toMatchObject({ forkedIdentityIsStale: false });
});

test("the pools of Go, Java and .NET close idle connections by themselves", () => {
  expect(sdk({ sdkLanguage: "go" }).idleCloseMs).toEqual([90_000]);
  expect(sdk({ userAgent: "OTel OTLP Exporter Go/1.47.0 grpc-go/1.83.2" }).idleCloseMs).toEqual([90_000]);
  expect(sdk({ sdkLanguage: "java" }).idleCloseMs).toEqual([300_000]);
  expect(sdk({ sdkLanguage: "python" }).idleCloseMs).toEqual([]);
});

test("Logfire under OpenTelemetry's user agent is told by its pending spans, and by its version whichever exporter carries it", () => {
  const hidden: SdkIdentity = {
    userAgent: "OTel-OTLP-Exporter-Python/1.35.0",
    sdkName: "opentelemetry",
    sdkLanguage: "python",
    sdkVersion: "1.35.0",
    logfireVersion: "3.25.0",
  };
  expect(sdkCapabilitiesOf(hidden, true)).toMatchObject({ sendsStarts: true, batchDelayMs: 500, closesOpenSpansAtExit: true });
  expect(sdkCapabilitiesOf({ ...hidden, logfireVersion: null }, true)).toMatchObject({ sendsStarts: true, forkedIdentityIsStale: true });
  expect(sdkCapabilitiesOf(hidden)).toMatchObject({ sendsStarts: false, batchDelayMs: 5_000, closesOpenSpansAtExit: true });
});
