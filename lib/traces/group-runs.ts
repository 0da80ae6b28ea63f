import type { GroupRunsRow, RunRow } from "@/db/queries/finding-groups";

/** How often a group's findings happen, run by run. */
export interface GroupRuns {
  of: string | null;
  affected: number;
  least: number;
  most: number;
  lastOpenedMs: number;
  since: number;
  more: boolean;
}

/**
 * Tells whether the last runs went without a finding, which is how a cure is seen to work: "0 since" means nothing while nothing ran. A run
 * is a trace with the same root span; where no root ever came, because it was lost each time, a trace of the same service. What is still
 * running has not gone well yet.
 *
 *   run        1     2     3     4     5    6
 *   findings   12    12    .     .     .   (running)      12 per run, then 0 in 3 runs
 *
 * @param young the youngest traces, of which those before `unknownUntilMs` are missing.
 */
export function runsOf(
  { affected, least, most, lastOpenedMs, lastRunMs, rootService, rootName }: GroupRunsRow,
  service: string,
  young: readonly RunRow[],
  unknownUntilMs: number,
): GroupRuns {
  const isRun = (run: RunRow) =>
    rootName === null ? run.services.includes(service) : run.rootName === rootName && run.rootService === rootService;
  const since = young.filter((run) => run.isOver && run.firstReceivedMs > lastRunMs && isRun(run)).length;
  return { of: rootName, affected, least, most, lastOpenedMs, since, more: unknownUntilMs > lastRunMs };
}
