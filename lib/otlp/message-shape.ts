/** Which fields an OTLP message has, by number: only to say where a malformed body went wrong. */
export interface MessageShape {
  fields: Record<number, FieldShape | undefined>;
}

interface FieldShape {
  name: string;
  repeated?: boolean;
  shape?: MessageShape;
}

const one = (name: string, shape?: MessageShape): FieldShape => ({ name, shape });
const many = (name: string, shape?: MessageShape): FieldShape => ({ name, shape, repeated: true });
const message = (fields: MessageShape["fields"]): MessageShape => ({ fields });

const ANY_VALUE = message({});
const KEY_VALUE = message({ 1: one("key"), 2: one("value", ANY_VALUE) });
ANY_VALUE.fields = {
  1: one("string_value"),
  2: one("bool_value"),
  3: one("int_value"),
  4: one("double_value"),
  5: one("array_value", message({ 1: many("values", ANY_VALUE) })),
  6: one("kvlist_value", message({ 1: many("values", KEY_VALUE) })),
  7: one("bytes_value"),
};

const RESOURCE = message({ 1: many("attributes", KEY_VALUE) });
const SCOPE = message({ 1: one("name"), 2: one("version"), 3: many("attributes", KEY_VALUE) });

const SPAN = message({
  1: one("trace_id"),
  2: one("span_id"),
  3: one("trace_state"),
  4: one("parent_span_id"),
  5: one("name"),
  6: one("kind"),
  7: one("start_time_unix_nano"),
  8: one("end_time_unix_nano"),
  9: many("attributes", KEY_VALUE),
  10: one("dropped_attributes_count"),
  11: many(
    "events",
    message({ 1: one("time_unix_nano"), 2: one("name"), 3: many("attributes", KEY_VALUE), 4: one("dropped_attributes_count") }),
  ),
  12: one("dropped_events_count"),
  13: many(
    "links",
    message({
      1: one("trace_id"),
      2: one("span_id"),
      3: one("trace_state"),
      4: many("attributes", KEY_VALUE),
      5: one("dropped_attributes_count"),
      6: one("flags"),
    }),
  ),
  14: one("dropped_links_count"),
  15: one("status", message({ 2: one("message"), 3: one("code") })),
  16: one("flags"),
});

const LOG_RECORD = message({
  1: one("time_unix_nano"),
  2: one("severity_number"),
  3: one("severity_text"),
  5: one("body", ANY_VALUE),
  6: many("attributes", KEY_VALUE),
  7: one("dropped_attributes_count"),
  8: one("flags"),
  9: one("trace_id"),
  10: one("span_id"),
  11: one("observed_time_unix_nano"),
  12: one("event_name"),
});

const NUMBER_DATA_POINT = message({
  2: one("start_time_unix_nano"),
  3: one("time_unix_nano"),
  4: one("as_double"),
  5: many("exemplars"),
  6: one("as_int"),
  7: many("attributes", KEY_VALUE),
  8: one("flags"),
});
const POINTS = message({ 1: many("data_points", NUMBER_DATA_POINT), 2: one("aggregation_temporality") });
const METRIC = message({ 1: one("name"), 5: one("gauge", POINTS), 7: one("sum", POINTS) });

export const TRACES_REQUEST = message({
  1: many(
    "resource_spans",
    message({
      1: one("resource", RESOURCE),
      2: many("scope_spans", message({ 1: one("scope", SCOPE), 2: many("spans", SPAN), 3: one("schema_url") })),
      3: one("schema_url"),
    }),
  ),
});

export const LOGS_REQUEST = message({
  1: many(
    "resource_logs",
    message({
      1: one("resource", RESOURCE),
      2: many("scope_logs", message({ 1: one("scope", SCOPE), 2: many("log_records", LOG_RECORD), 3: one("schema_url") })),
      3: one("schema_url"),
    }),
  ),
});

export const METRICS_REQUEST = message({
  1: many(
    "resource_metrics",
    message({
      1: one("resource", RESOURCE),
      2: many("scope_metrics", message({ 1: one("scope", SCOPE), 2: many("metrics", METRIC), 3: one("schema_url") })),
      3: one("schema_url"),
    }),
  ),
});
