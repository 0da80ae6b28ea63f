/** What a deployment may set, and what checks share. Durations in ms. */
export interface DiagnosisSettings {
  /** How long a trace must be quiet before absence counts (`SPANWATCH_SETTLE_MS`). */
  settleMs: number;
  /** Age from which an open span of a living process is stale when its like has no history (wire.md L2). */
  staleAfterMs: number;
}

export const DEFAULT_SETTINGS: DiagnosisSettings = { settleMs: 30_000, staleAfterMs: 600_000 };
