import type { SpanColumns } from "@/lib/otel/record-batch";
import { DIALECTS } from "@/lib/otel/span";

const ZIPKIN = DIALECTS.indexOf("zipkin");

/**
 * A Zipkin span without a duration is still going on; another report with the same id completes it (wire.md §7.5). It was read as a
 * span without end, which is just that (end-zero); here it is only said whose way of speaking it was.
 */
export function zipkinOpen(spans: SpanColumns): void {
  spans.dialect.fill(ZIPKIN, 0, spans.count);
}
