import { MARKS, type Span } from "@/lib/otel/span";
import { decidingRecord } from "@/lib/span-tree/resolve-spans";

const isMarked = ({ marks }: { marks: number }): boolean => (marks & MARKS.closedByJanitor) !== 0;

/**
 * Whether a sweeper, and not the program, disposed of the span (wire.md L8): it ended it, or it gave it up unfinished (Brave and zipkin-js
 * send such a span without a duration). An end of the program's own is believed before a sweeper's (lib/span-tree/believed-end).
 */
export function isSwept(span: Span): boolean {
  if (span.endTimeUnixNano === null) return span.records.some(isMarked);
  if (!isMarked(span)) return false;
  const deciding = decidingRecord(span);
  return deciding !== null && isMarked(deciding);
}
