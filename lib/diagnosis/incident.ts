import type { Cause, FindingDraft, Kind } from "./finding";

/** Causes that say of a finding: it is what the end of one process left behind. */
const LEFT_BY_AN_END: ReadonlySet<Cause> = new Set<Cause>([
  "process-died",
  "exited-without-flush",
  "stopped-by-parent",
  "logs-not-flushed",
]);

/** Kinds whose process is the one that missed the others, not the one that ended. */
const ABOUT_OTHERS: ReadonlySet<Kind> = new Set<Kind>(["silent-worker"]);

/**
 * The process whose end a finding is a part of, or null. A killed process is one thing, not as many as it had spans open, and they may be in
 * several traces, of several names, and of several kinds (docs/decisions: one end of a process is one incident):
 *
 *   trace A   job       |.........        @w1     abandoned-span   ┐
 *   trace B   fetch       |.......        @w1     abandoned-span   │ one incident: w1 ended here
 *   trace C   (batch)                             orphaned-span    ┘
 *               load      |--|            @w1
 */
export function endedProcessOf({
  kind,
  causes,
  processId,
  severity,
}: Pick<FindingDraft, "kind" | "causes" | "processId" | "severity">): string | null {
  const cause = causes[0]?.id;
  return cause !== undefined && severity !== "info" && LEFT_BY_AN_END.has(cause) && !ABOUT_OTHERS.has(kind) ? processId : null;
}
