import { MARKS } from "@/lib/otel/span";
import type { AttributeReader } from "../attribute-reader";
import type { BatchBuilder } from "../batch-builder";
import { SPAN_KEY } from "./span-keys";
import { isFalse } from "./values";

const KEYS = [SPAN_KEY.finishedBySweeper, SPAN_KEY.partialGc, SPAN_KEY.connectorGc, SPAN_KEY.flushTimeout];

/** Erlang's span sweeper, the partial Collector and connector, zipkin4net: they close what nobody closed, and say so (wire.md L8). */
export function janitor({ spans }: BatchBuilder, row: number, attributes: AttributeReader): void {
  if (KEYS.some((key) => attributes.has(key) && !isFalse(attributes.valueOf(key)))) {
    spans.marks[row] = (spans.marks[row] as number) | MARKS.closedByJanitor;
  }
}
