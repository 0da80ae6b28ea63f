/** What the specs read of the JSON API. Written anew here, because these tests stand outside the product. */
export interface FindingView {
  id: string;
  kind: string;
  severity: "error" | "warning" | "info";
  certainty: "proved" | "likely" | "possible";
  state: "open" | "resolved" | "retracted" | "muted";
  cause: string | null;
  count: number;
  title: string;
  traceId: string | null;
  spanIds: string[];
  missingSpanId: string | null;
  evidence: { text: string }[];
  openedAt: string;
}
export interface SpanView {
  spanId: string;
  parentSpanId: string | null;
  name: string;
  state: string;
  endTimeUnixNano: string | null;
}
export interface TraceView {
  spans: SpanView[];
  findings: FindingView[];
  settled: boolean;
}

export class SpanwatchApi {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  /** @throws Error on any status but 2xx. */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(new URL(path, this.base));
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${(await response.text()).slice(0, 300)}`);
    return (await response.json()) as T;
  }

  /** The trace, or null while the server does not know it. */
  async trace(traceId: string): Promise<TraceView | null> {
    const response = await fetch(new URL(`/api/traces/${traceId}`, this.base));
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`GET /api/traces/${traceId}: ${response.status} ${(await response.text()).slice(0, 300)}`);
    return (await response.json()) as TraceView;
  }

  /** Findings of a trace whatever became of them, or of one state. */
  async findings(traceId: string, state = "all"): Promise<FindingView[]> {
    return (await this.get<{ items: FindingView[] }>(`/api/findings?traceId=${traceId}&state=${state}&limit=200`)).items;
  }

  /** The trace, once it has settled. */
  settledTrace(traceId: string, withinMs = 40_000): Promise<TraceView> {
    return eventually(
      async () => {
        const trace = await this.trace(traceId);
        return trace?.settled ? trace : null;
      },
      { withinMs, everyMs: 250, what: `trace ${traceId} to settle` },
    );
  }
}

/** Asks again until the answer is neither null, undefined nor false. @throws Error naming `what` when time is up. */
export async function eventually<T>(
  ask: () => Promise<T | null | undefined | false>,
  { withinMs, everyMs, what }: { withinMs: number; everyMs: number; what: string },
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > until) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
