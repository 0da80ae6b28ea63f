import { DIALECTS, PHASES } from "@/lib/otel/span";
import type { BatchBuilder } from "../batch-builder";

const START = PHASES.indexOf("start");
const END_ZERO = DIALECTS.indexOf("end-zero");

/** A span whose end is 0 or missing has only begun (wire.md §7.6): agents and workflow engines send such spans. */
export function endZero({ spans }: BatchBuilder, row: number): void {
  if (spans.endHigh[row] !== 0 || spans.endLow[row] !== 0) return;
  spans.phase[row] = START;
  spans.dialect[row] = END_ZERO;
}
