import type { Db } from "@/db/client";
import { listExpectedSpans } from "@/db/queries/expected-spans";
import { listFirstAttributes } from "@/db/queries/scheduler/surroundings";
import type { ExpectedSpan, TraceEvidence } from "@/lib/diagnosis/check";
import { maySayOf } from "@/lib/diagnosis/expected";
import { findAttribute } from "@/lib/otel/attributes";
import type { SpanId, TraceId } from "@/lib/otel/ids";
import type { Span } from "@/lib/otel/span";
import { attributeText } from "@/lib/traces/present-attributes";

/** Spans whose attributes are in memory at once: what a span brought is bounded by nothing but the request. */
const SPANS_AT_ONCE = 500;

type Expected = Map<SpanId, ExpectedSpan>;

/** A span that a rule means if it has the rule's attribute. */
interface Question {
  span: Span;
  rules: ExpectedSpan[];
  expected: Expected;
}

/** The spans open in each of these traces that a rule of the project says are normally long, with the rule; of several the oldest. */
export async function loadExpected(
  db: Db,
  projectId: number,
  traces: readonly { traceId: TraceId; spans: readonly Span[] }[],
): Promise<Map<TraceId, TraceEvidence["expected"]>> {
  const rules = traces.length === 0 ? [] : await listExpectedSpans(db, projectId);
  if (rules.length === 0) return new Map();
  const byTrace = new Map<TraceId, Expected>();
  const questions: Question[] = [];
  for (const { traceId, spans } of traces) {
    const expected: Expected = new Map();
    byTrace.set(traceId, expected);
    const open = spans.filter(({ endTimeUnixNano }) => endTimeUnixNano === null);
    for (const span of open) questions.push(...questionOf(span, rules, expected));
  }
  for (let at = 0; at < questions.length; at += SPANS_AT_ONCE) await answer(db, projectId, questions.slice(at, at + SPANS_AT_ONCE));
  return byTrace;
}

/** What is to be asked of a span before it is known whether a rule means it. */
function questionOf(span: Span, rules: readonly ExpectedSpan[], expected: Expected): Question[] {
  const meant = rules.filter((rule) => maySayOf(rule, span));
  const certain = meant.find(({ attribute }) => attribute === null);
  if (certain) expected.set(span.spanId, certain);
  return certain || meant.length === 0 ? [] : [{ span, rules: meant, expected }];
}

async function answer(db: Db, projectId: number, questions: readonly Question[]): Promise<void> {
  const keyOf = ({ traceId, spanId }: { traceId: TraceId; spanId: SpanId }) => `${traceId} ${spanId}`;
  const spans = questions.map(({ span }) => span);
  const attributes = new Map((await listFirstAttributes(db, projectId, spans)).map((row) => [keyOf(row), row.attributes]));
  for (const { span, rules, expected } of questions) {
    const bytes = attributes.get(keyOf(span));
    const rule = bytes && rules.find(({ attribute }) => attribute !== null && hasAttribute(bytes, attribute));
    if (rule) expected.set(span.spanId, rule);
  }
}

function hasAttribute(bytes: Uint8Array, { key, value }: { key: string; value: string }): boolean {
  const found = findAttribute(bytes, key);
  return found !== null && attributeText(found) === value;
}
