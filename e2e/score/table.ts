import type { Verdict } from "./judge";

interface Score {
  recall: number;
  precision: number;
  /** Of the findings that answered a rule: those that named a right cause. */
  cause: number;
}

/** Everything that was not as expected, a line each. */
export function complaintsOf(verdict: Verdict): string[] {
  return [
    ...verdict.rules.flatMap(({ rule, finding, causeRight, certaintyRight }) => {
      const about = rule.span ?? rule.missing ?? rule.pid ?? "";
      if (!finding) return [`missed ${rule.kind} ${about}: ${rule.why ?? ""}`];
      return [
        ...(causeRight ? [] : [`${rule.kind} ${about}: cause ${finding.cause}, not ${rule.causes?.join(" or ")}`]),
        ...(certaintyRight ? [] : [`${rule.kind} ${about}: ${finding.certainty}, not ${rule.certainty?.join(" or ")}`]),
      ];
    }),
    ...verdict.wrong.map((finding) => `false ${finding.kind} (${finding.certainty}, ${finding.cause}): ${finding.title}`),
    ...verdict.flaps.map((finding) => `withdrawn ${finding.kind} (${finding.state}): ${finding.title}`),
    ...verdict.states,
    ...verdict.answers,
  ];
}

export function scoreOf(verdicts: Verdict[]): Score {
  const rules = verdicts.flatMap((verdict) => verdict.rules);
  const found = rules.filter((result) => result.finding);
  const wrong = verdicts.flatMap((verdict) => verdict.wrong);
  return {
    recall: rules.length ? found.length / rules.length : 1,
    precision: found.length + wrong.length ? found.length / (found.length + wrong.length) : 1,
    cause: found.length ? found.filter((result) => result.causeRight).length / found.length : 1,
  };
}

/** The table by kind and the line below it. */
export function tableOf(verdicts: Verdict[]): string {
  const rules = verdicts.flatMap((verdict) => verdict.rules);
  const kinds = [
    ...new Set([
      ...rules.map(({ rule }) => rule.kind),
      ...verdicts.flatMap(({ wrong, flaps }) => [...wrong, ...flaps].map(({ kind }) => kind)),
    ]),
  ];
  const row = (name: string, cells: (string | number)[]) => name.padEnd(24) + cells.map((cell) => String(cell).padStart(10)).join("");
  const lines = kinds.sort().map((kind) => {
    const ofKind = rules.filter(({ rule }) => rule.kind === kind);
    const found = ofKind.filter(({ finding }) => finding);
    const count = (pick: "wrong" | "flaps") =>
      verdicts.reduce((sum, verdict) => sum + verdict[pick].filter((finding) => finding.kind === kind).length, 0);
    return row(kind, [
      ofKind.length,
      found.length,
      found.filter(({ causeRight }) => causeRight).length,
      found.filter(({ certaintyRight }) => certaintyRight).length,
      count("wrong"),
      count("flaps"),
    ]);
  });
  const { recall, precision, cause } = scoreOf(verdicts);
  const latencies = rules.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs])).sort((a, b) => a - b);
  const median = latencies[Math.floor(latencies.length / 2)];
  const summary = [
    `${verdicts.length} captures`,
    `recall ${recall.toFixed(3)}`,
    `precision ${precision.toFixed(3)}`,
    `cause ${cause.toFixed(3)}`,
    ...(median === undefined
      ? []
      : [`told after a death: median ${Math.round(median)} ms, longest ${Math.round(latencies.at(-1) as number)} ms`]),
  ];
  return [row("kind", ["expected", "found", "cause", "certainty", "false", "withdrawn"]), ...lines, "", summary.join(" · ")].join("\n");
}
