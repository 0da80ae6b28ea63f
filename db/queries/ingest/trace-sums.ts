import { byteaArray, halvesArray, int4Array, msArray, packedUuidArray, textArray } from "../../binary-array";
import { type Part, unnest } from "./part";

/** What a commit adds to the summary rows of its traces, column by column. Times are uint64 in halves, absent where no sane one came. */
export interface TraceSums {
  count: number;
  /** 16 bytes each. */
  ids: Uint8Array;
  firstMs: number[];
  lastMs: number[];
  startHigh: Uint32Array;
  startLow: Uint32Array;
  noStart: Uint8Array;
  endHigh: Uint32Array;
  endLow: Uint32Array;
  noEnd: Uint8Array;
  /** Records of phase start; of phase end; 1 where a heartbeat came. */
  starts: number[];
  ends: number[];
  heartbeats: number[];
  errors: number[];
  logs: number[];
  rootService: (string | null)[];
  rootName: (Uint8Array | null)[];
  rootSpanId: (Uint8Array | null)[];
  services: string[][];
}

const TYPES = ["uuid", "int8", "int8", "int8", "int8", "int4", "int4", "int4", "int4", "int4", "text", "bytea", "bytea", "text"] as const;
const NAMES =
  "trace_id, first_ms, last_ms, start_ns, end_ns, starts, ends, heartbeats, errors, logs, root_service, root_name, root_span_id, services";
const SERVICES_MAX = 64;
/** Between services of one trace; a unit separator in a name would only show it as two. */
const SEPARATOR = "\u001f";

/**
 * Counts until the scheduler writes exact ones: where starts are reported, those open are starts − ends; where ends came alone, or more of
 * them than starts, only ends count. The root is the first record without a parent that came.
 */
export const traceSumsPart: Part<TraceSums> = {
  size: TYPES.length,
  sql: (from) => `
    insert into trace (project_id, trace_id, first_received_ms, last_received_ms, start_ns, end_ns, start_records, end_records,
      span_count, open_count, error_count, log_count, root_service, root_name, root_span_id, services)
    select $1::int4, trace_id, first_ms, last_ms, start_ns, end_ns, starts, ends,
      greatest(starts, ends, heartbeats), greatest(greatest(starts, heartbeats) - ends, 0),
      errors, logs, root_service, convert_from(root_name, 'UTF8'), root_span_id, string_to_array(services, '${SEPARATOR}')
    from ${unnest(from, TYPES)} as given (${NAMES})
    order by trace_id
    on conflict (trace_id) do update set
      last_received_ms = greatest(trace.last_received_ms, excluded.last_received_ms),
      start_ns = least(trace.start_ns, excluded.start_ns),
      end_ns = greatest(trace.end_ns, excluded.end_ns),
      start_records = trace.start_records + excluded.start_records,
      end_records = trace.end_records + excluded.end_records,
      span_count = case
        when trace.start_records + excluded.start_records >= trace.end_records + excluded.end_records
        then greatest(trace.span_count, trace.start_records + excluded.start_records)
        else trace.span_count + excluded.end_records end,
      open_count = case
        when trace.start_records + excluded.start_records >= trace.end_records + excluded.end_records
        then trace.start_records + excluded.start_records - trace.end_records - excluded.end_records
        else trace.open_count end,
      error_count = trace.error_count + excluded.error_count,
      log_count = trace.log_count + excluded.log_count,
      root_service = case when trace.root_span_id is null then excluded.root_service else trace.root_service end,
      root_name = case when trace.root_span_id is null then excluded.root_name else trace.root_name end,
      root_span_id = coalesce(trace.root_span_id, excluded.root_span_id),
      services = case
        when excluded.services <@ trace.services or cardinality(trace.services) >= ${SERVICES_MAX}
        then trace.services
        else array(select distinct service from unnest(trace.services || excluded.services) as service order by 1) end
    where trace.project_id = excluded.project_id`,
  values: (sums) => [
    packedUuidArray(sums.ids, sums.count),
    msArray(sums.firstMs),
    msArray(sums.lastMs),
    halvesArray(sums.startHigh, sums.startLow, sums.noStart, sums.count),
    halvesArray(sums.endHigh, sums.endLow, sums.noEnd, sums.count),
    int4Array(sums.starts),
    int4Array(sums.ends),
    int4Array(sums.heartbeats),
    int4Array(sums.errors),
    int4Array(sums.logs),
    textArray(sums.rootService),
    byteaArray(sums.rootName),
    byteaArray(sums.rootSpanId),
    textArray(sums.services.map((services) => services.join(SEPARATOR))),
  ],
};
