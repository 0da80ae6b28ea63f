import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeAttributes } from "@/lib/otel/attributes";
import type { RecordBatch } from "@/lib/otel/record-batch";
import { SPAN_KINDS, STATUS_CODES } from "@/lib/otel/span";
import { type ExportedResource, encodeTracesJson } from "./encode-json";
import { decodeTracesJson } from "./json";
import { decodeTraces } from "./protobuf";
import { anyTracesRequest } from "./testing/arbitrary";
import { tracesRequest } from "./testing/requests";
import { spanRows } from "./testing/rows";

/** A batch as the export sees it: resources, in them scopes, in them spans. */
function exported(batch: RecordBatch): ExportedResource[] {
  const rows = spanRows(batch);
  return batch.resources.map(({ attributes, schemaUrl }, resource) => ({
    attributes,
    schemaUrl,
    scopes: batch.scopes.flatMap((scope, index) => {
      const spans = rows.filter((_, i) => batch.spans.resource[i] === resource && batch.spans.scope[i] === index);
      if (spans.length === 0) return [];
      return {
        name: scope.name,
        version: scope.version,
        attributes: decodeAttributes(scope.attributesBytes),
        schemaUrl: scope.schemaUrl,
        spans: spans.map((row) => ({
          ...row,
          kind: SPAN_KINDS[row.kind]!,
          statusCode: STATUS_CODES[row.statusCode]!,
          startTimeUnixNano: row.start,
          endTimeUnixNano: row.phase === "end" ? row.end : null,
        })),
      };
    }),
  }));
}

test("what was stored and exported can be sent again and is the same", () => {
  fc.assert(
    fc.property(anyTracesRequest, (bytes) => {
      const stored = decodeTraces(bytes);
      const again = decodeTracesJson(Buffer.from(JSON.stringify(encodeTracesJson(exported(stored)))));
      const repairs = ["textRepaired"];
      const unmarked = (batch: RecordBatch) =>
        spanRows(batch).map((row) => ({ ...row, marks: row.marks.filter((mark) => !repairs.includes(mark)) }));
      expect(unmarked(again)).toEqual(unmarked(stored));
      expect(again.resources.map(({ attributes, schemaUrl }) => ({ attributes, schemaUrl }))).toEqual(
        stored.resources
          .filter((resource, i) => resource.attributes.length > 0 || stored.spans.resource.subarray(0, stored.spans.count).includes(i))
          .map(({ attributes, schemaUrl }) => ({ attributes, schemaUrl })),
      );
    }),
    { seed: 20261123, numRuns: 300 },
  );
});

test("an open span has no end in the export", () => {
  const json = JSON.stringify(encodeTracesJson(exported(decodeTraces(tracesRequest([{ end_time_unix_nano: "0" }])))));
  expect(json).not.toContain("endTimeUnixNano");
  expect(json).toContain('"startTimeUnixNano":"1700000000000000000"');
});

test("numbers that JSON has not come back as they were", () => {
  const values = [-0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324].map((double_value, i) => ({ key: String(i), value: { double_value } }));
  const stored = decodeTraces(tracesRequest([{ attributes: values }]));
  const again = decodeTracesJson(Buffer.from(JSON.stringify(encodeTracesJson(exported(stored)))));
  expect(spanRows(again)[0]?.attributes.map(({ value }) => value)).toEqual(
    values.map(({ value }) => ({ type: "double", value: value.double_value })),
  );
});
