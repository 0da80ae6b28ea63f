import type { AttributeReader } from "../attribute-reader";
import type { BatchBuilder } from "../batch-builder";
import { datadogPartial } from "./datadog-partial";
import { endZero } from "./end-zero";
import { janitor } from "./janitor";
import { logfireLog } from "./logfire-log";
import { logfirePending } from "./logfire-pending";

/**
 * Undoes the dialects of "started, not ended" that come as spans: afterwards the last row (or the log record it turned into) speaks
 * plainly. Called only for spans that carry an attribute of a dialect, or no end.
 */
export function speakSpanDialects(batch: BatchBuilder, row: number, attributes: AttributeReader): void {
  if (logfireLog(batch, row, attributes)) return;
  if (logfirePending(batch, row, attributes)) return;
  janitor(batch, row, attributes);
  if (datadogPartial(batch, row, attributes)) return;
  endZero(batch, row);
}
