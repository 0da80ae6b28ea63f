import type { FindingRow } from "@/db/queries/finding-lists";
import { listProcessEvidence } from "@/db/queries/processes";
import type { FindingJson } from "@/lib/api/contract/findings";
import type { Context } from "@/lib/auth/context";
import type { Language } from "@/lib/diagnosis/words/language";
import { presentFinding } from "./present-finding";
import { presentFindingProcess } from "./present-process";
import { diagnosisSettings } from "./settings";

/** Findings in the reader's language, each with what is known now of the process it is about. */
export async function presentFindings({ db, nowMs }: Context, rows: readonly FindingRow[], language: Language): Promise<FindingJson[]> {
  const processIds = rows.flatMap((row) => (row.processId === null ? [] : [row.processId]));
  const now = { nowMs, settings: diagnosisSettings() };
  const processes = new Map((await listProcessEvidence(db, processIds)).map((evidence) => [evidence.processId, evidence]));
  return rows.map((row) => {
    const evidence = processes.get(row.processId ?? "");
    return presentFinding(row, language, evidence ? presentFindingProcess(evidence, now) : null);
  });
}
