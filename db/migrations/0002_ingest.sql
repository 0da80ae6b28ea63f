-- Reports received so far, of either phase, replays included: what ingest can count without looking at the spans it has.
alter table trace
  add column start_records int4 not null default 0,
  add column end_records int4 not null default 0;

-- Which run of its pid a process is on this machine: boot, pid namespace and start time (lib/ingest/local-process.ts). By it an ingest
-- that was restarted goes on watching, and a recycled pid is not taken for the process. local_verified_by is null where the pid that was
-- sent exists here but does not hold our connection (a forwarder stands between): it says that the process is alive, and proves nothing.
alter table process add column local_run text;

-- The SDK's own counters (otel.sdk.*), the last value of each: what it started, dropped and sent (wire.md W5, W6).
create table process_metric (
  process_id int8 not null,
  name text not null,
  -- Attributes of the data point, as canonical JSON.
  attributes text not null,
  project_id int4 not null,
  value float8 not null,
  time_ns int8 not null,
  received_ms int8 not null,
  primary key (process_id, name, attributes)
) with (fillfactor = 70);
create index process_metric_by_received on process_metric (received_ms);                -- retention
