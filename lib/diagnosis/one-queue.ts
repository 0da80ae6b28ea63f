import type { TraceEvidence } from "./check";
import { indexOf } from "./evidence-index";
import type { Worker } from "./worker-groups";

/**
 * Whether a worker's logs wait in the very queue that its spans wait in, which gives out what it took in order (Logfire in Python,
 * wire.md §2.3, §4): then everything that was logged before a span ended has arrived once that end has.
 *
 *   pack 2    |--*--*--|          log, log, end: who has the end has the logs
 */
export function logsPrecedeEnds(evidence: TraceEvidence, { process, tops }: Worker, siblings: readonly Worker[]): boolean {
  const { sdkOf } = indexOf(evidence);
  // A short worker's starts and ends leave together, and then only the ends; its like, of the same program, show that it announces starts.
  const announces = [process, ...siblings.map((sibling) => sibling.process)].some((one) => sdkOf(one).sendsStarts);
  return sdkOf(process).fifo && announces && tops.every(({ endTimeUnixNano }) => endTimeUnixNano !== null) && siblings.every(comeOneWay);
}

/** Its logs are spans themselves, or came on the connections that brought its spans (behind a pool of connections that tells nothing). */
function comeOneWay({ spans, logs }: Worker): boolean {
  if (logs.every(cameAsSpan)) return true;
  const ways = new Set(spans.flatMap(({ records }) => records.map(({ connectionId }) => connectionId)));
  return logs.every(({ connectionId }) => ways.has(connectionId));
}

/** Logfire's own logs are spans on the wire: made of a template, with a level number and no severity text. */
const cameAsSpan = ({ template, severityText }: Worker["logs"][number]): boolean => template !== null && severityText === null;
