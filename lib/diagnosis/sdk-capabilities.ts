/** What tells one SDK from another: its user agent on the wire and what its resource says of itself. */
export interface SdkIdentity {
  userAgent: string;
  sdkName: string | null;
  sdkLanguage: string | null;
  sdkVersion: string | null;
  logfireVersion: string | null;
}

/** What an SDK does, as far as the rules must know it. Every value has its source in wire.md (named beside it). */
export interface SdkCapabilities {
  /** Sends a record when a span starts (wire.md §2.1, §3.1, §3.2): a local parent that is not known by one was lost, it is not just open. */
  sendsStarts: boolean;
  /** Leaves its exporter queue in the order of entry (wire.md §4: Python yes, JavaScript sends batches concurrently). */
  fifo: boolean;
  /** How long a finished span may wait in the batch queue, ms (wire.md §2.6, §3.1, §4). */
  batchDelayMs: number;
  /** A forked child's records may carry its parent's pid and instance id (wire.md §2.5: logfire-python 2.6.2 to 4.39). */
  forkedIdentityIsStale: boolean;
  /** A forked child that leaves by `os._exit` flushes and ends its copy of its parent's spans (wire.md §2.8: logfire-python from 3.1). */
  flushesAtForkExit: boolean;
  /** An exit handler ends all spans that are still open, parents first (wire.md §2.8: logfire-python, for all spans from 2.8). */
  closesOpenSpansAtExit: boolean;
  /** The program may fork with its SDK inside (Python; the others start anew). */
  mayFork: boolean;
  /** After how many idle ms the runtime's HTTP pool closes a connection by itself (wire.md §9, FIN caveats). */
  idleCloseMs: readonly number[];
}

/** What most SDKs have in common: ends only, a batch every 5 s (OpenTelemetry specification, BatchSpanProcessor). */
const COMMON: SdkCapabilities = {
  sendsStarts: false,
  fifo: false,
  batchDelayMs: 5_000,
  forkedIdentityIsStale: false,
  flushesAtForkExit: false,
  closesOpenSpansAtExit: false,
  mayFork: false,
  idleCloseMs: [],
};

/** Idle times of pools in runtimes: Go's http.Transport 90 s, OkHttp 5 min, .NET 1 and 2 min (wire.md §9, FIN caveats). */
const IDLE_CLOSE_MS: Record<string, readonly number[]> = { go: [90_000], java: [300_000], dotnet: [60_000, 120_000] };

/** A Logfire of unknown version: the youngest of those whose exporter went by OpenTelemetry's user agent said it in its scope, so it is an old one. */
const UNKNOWN_LOGFIRE = "3.1";

/**
 * Says what the SDK behind `identity` does. An unknown one gets the values that make rules wait longest.
 *
 * @param sendsPendings the process was seen to send Logfire's pending spans. Its user agent need not say Logfire: with OpenTelemetry 1.35 to
 * 1.38 the exporter puts its own in the place of Logfire's.
 */
export function sdkCapabilitiesOf(identity: SdkIdentity, sendsPendings = false): SdkCapabilities {
  const language = languageOf(identity);
  const common = { ...COMMON, fifo: language === "python", mayFork: language === "python", idleCloseMs: IDLE_CLOSE_MS[language] ?? [] };
  const pythonLogfire = /^logfire\/(\d+(?:\.\d+)*)/.exec(identity.userAgent)?.[1];
  if (pythonLogfire !== undefined) return { ...common, ...logfirePython(pythonLogfire) };
  if (language === "python" && sendsPendings) return { ...common, ...logfirePython(identity.logfireVersion ?? UNKNOWN_LOGFIRE) };
  if (language === "python" && identity.logfireVersion !== null) return { ...common, ...atExitOf(identity.logfireVersion) };
  // @pydantic/logfire-node installs its pending-span processor always, whichever exporter carries it (wire.md §3.1).
  if (identity.userAgent.startsWith("logfire-js/") || (identity.sdkName === "logfire" && language === "nodejs")) {
    return { ...common, sendsStarts: true };
  }
  return common;
}

/** Ten first spans leave after 100 ms, the others every 500 ms (wire.md §2.6). */
const logfirePython = (version: string): Partial<SdkCapabilities> => ({
  ...atExitOf(version),
  sendsStarts: true,
  fifo: true,
  mayFork: true,
  batchDelayMs: 500,
});

/** What Logfire's provider does whichever exporter hangs on it. Versions: wire.md §2.12. */
const atExitOf = (version: string): Partial<SdkCapabilities> => ({
  forkedIdentityIsStale: isBefore(version, [4, 40]),
  flushesAtForkExit: !isBefore(version, [3, 1]),
  closesOpenSpansAtExit: !isBefore(version, [2, 8]),
});

/** How user agents of exporters name the language of their SDK, where the resource does not. */
const AGENTS: readonly (readonly [RegExp, string])[] = [
  [/^logfire\//, "python"],
  [/^OTel[- ]OTLP[- ]Exporter[- ]Python/i, "python"],
  [/^(logfire-js\/|OTel[- ]OTLP[- ]Exporter[- ]JavaScript)/i, "nodejs"],
  [/^OTel[- ]OTLP[- ]Exporter[- ]Go|^Go-http-client/i, "go"],
  [/^OTel[- ]OTLP[- ]Exporter[- ]Java\b/i, "java"],
  [/^OTel[- ]OTLP[- ]Exporter[- ]Dotnet/i, "dotnet"],
];

const languageOf = (identity: SdkIdentity): string =>
  identity.sdkLanguage ?? AGENTS.find(([pattern]) => pattern.test(identity.userAgent))?.[1] ?? "";

/** Whether dotted `version` is older than `[major, minor]`. */
function isBefore(version: string, [major, minor]: readonly [number, number]): boolean {
  const [versionMajor = 0, versionMinor = 0] = version.split(".").map(Number);
  return versionMajor !== major ? versionMajor < major : versionMinor < minor;
}
