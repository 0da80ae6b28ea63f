import { DIALECTS, PHASES } from "@/lib/otel/span";
import type { AttributeReader } from "../attribute-reader";
import type { BatchBuilder } from "../batch-builder";
import { SPAN_KEY } from "./span-keys";
import { numberOf } from "./values";

const HEARTBEAT = PHASES.indexOf("heartbeat");
const DATADOG_PARTIAL = DIALECTS.indexOf("datadog-partial");

/**
 * Datadog tracers send a long-running span again and again, its end being the moment of writing, with `_dd.partial_version` above 0;
 * the real end has `_dd.was_long_running` instead (wire.md §7.4). Returns true when it was a mere sign of life.
 */
export function datadogPartial({ spans }: BatchBuilder, row: number, attributes: AttributeReader): boolean {
  const isEnd = attributes.has(SPAN_KEY.wasLongRunning) || attributes.has(SPAN_KEY.wasLongrunning);
  if (isEnd) {
    spans.dialect[row] = DATADOG_PARTIAL;
    return false;
  }
  if (!attributes.has(SPAN_KEY.partialVersion) || (numberOf(attributes.valueOf(SPAN_KEY.partialVersion)) ?? 0) <= 0) return false;
  spans.phase[row] = HEARTBEAT;
  spans.dialect[row] = DATADOG_PARTIAL;
  spans.endHigh[row] = 0;
  spans.endLow[row] = 0;
  return true;
}
