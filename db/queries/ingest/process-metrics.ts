import { boolArray, int4Array, int8Array, msArray, textArray } from "../../binary-array";
import type { Statement } from "../../write-connection";
import { unnest } from "./part";

/** The last value of one of an SDK's counters about itself. */
export interface ProcessMetricRow {
  processId: bigint;
  projectId: number;
  name: string;
  /** Canonical JSON of the data point's attributes. */
  attributes: string;
  value: number;
  /** The value is what came on top of the point before: it is added up. */
  isDelta: boolean;
  timeNs: bigint;
  receivedMs: number;
}

/** No key twice. */
export const upsertProcessMetrics = (rows: readonly ProcessMetricRow[]): Statement => ({
  name: "process metrics",
  text: `
    insert into process_metric (process_id, project_id, name, attributes, value, time_ns, received_ms)
    select process_id, project_id, name, attributes,
      case when is_delta then coalesce((
        select known.value + case when known.time_ns < given.time_ns then given.value else 0 end
        from process_metric as known
        where known.process_id = given.process_id and known.name = given.name and known.attributes = given.attributes
      ), value) else value end,
      time_ns, received_ms
    from ${unnest(1, ["int8", "int4", "text", "text", "float8", "int8", "int8", "bool"])}
      as given (process_id, project_id, name, attributes, value, time_ns, received_ms, is_delta)
    order by process_id, name, attributes
    on conflict (process_id, name, attributes) do update set
      value = excluded.value, time_ns = excluded.time_ns, received_ms = excluded.received_ms
    where process_metric.time_ns <= excluded.time_ns`,
  values: [
    int8Array(rows.map((row) => row.processId)),
    int4Array(rows.map((row) => row.projectId)),
    textArray(rows.map((row) => row.name)),
    textArray(rows.map((row) => row.attributes)),
    `{${rows.map((row) => row.value).join(",")}}`,
    int8Array(rows.map((row) => row.timeNs)),
    msArray(rows.map((row) => row.receivedMs)),
    boolArray(rows.map((row) => row.isDelta)),
  ],
});
