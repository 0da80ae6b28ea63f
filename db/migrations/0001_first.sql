-- The first schema. Rules that keep it ready for Citus (shared decision 6; docs/decisions): every big table carries trace_id, no unique
-- key without it, no triggers, no serial ids on big tables; dictionaries are keyed by the hash of their content; queues, leases and
-- findings are local tables. Times `*_ns` are the 64 bits that OTLP sent (unsigned, so years past 2262 look negative to SQL); times
-- `*_ms` are this server's clock, Unix ms. Ids of ours are int8 made in Node.

create table project (
  id int4 primary key,
  name text not null unique,
  created_ms int8 not null
);
insert into project values (1, 'default', (extract(epoch from now()) * 1000)::int8);

create table api_key (
  id text primary key,
  project_id int4 not null references project,
  name text not null,
  scope text not null check (scope in ('ingest', 'read', 'admin')),
  hash bytea not null unique,
  hint text not null,
  created_ms int8 not null,
  last_used_ms int8,
  revoked_ms int8
);

-- Dictionaries: id = first 8 bytes of the SHA-256 of the content.
create table resource (
  id int8 primary key,
  service text not null,
  attributes bytea not null,
  schema_url text not null,
  first_received_ms int8 not null
);
create table scope (
  id int8 primary key,
  name text not null,
  version text not null,
  attributes bytea not null,
  schema_url text not null
);

-- One row per identity that sent records (design §4: a tuple, never a pid alone).
create table process (
  id int8 primary key,
  project_id int4 not null,
  service text not null,
  instance_id text,
  pid int8,
  host text,
  sdk_name text,
  sdk_language text,
  sdk_version text,
  logfire_version text,
  user_agent text not null,
  resource_id int8 not null,
  first_received_ms int8 not null,
  last_received_ms int8 not null,
  longest_pause_ms int8,
  -- What /proc said, where the sender runs on this machine (lib/ingest/local-process.ts).
  local_pid int8,
  local_verified_by text,
  local_alive_ms int8,
  local_gone_ms int8,
  exited_ms int8
) with (fillfactor = 70);
create index process_by_last on process (project_id, last_received_ms desc);       -- GET /api/processes
create index process_by_instance on process (project_id, instance_id) where instance_id is not null; -- replaced-by

create table connection (
  id int8 primary key,
  protocol text not null,
  peer text not null,
  peer_port int4 not null,
  user_agent text not null default '',
  -- False when something sits between us and the process: a proxy header, a Collector, a forwarder.
  direct bool not null default true,
  opened_ms int8 not null,
  closed_ms int8,
  closed_by text check (closed_by in ('client', 'reset', 'server')),
  last_request_ms int8,
  requests int4 not null default 0,
  -- The ingest process that holds it: connections of a dead ingest are closed by the next one as closed by 'server'.
  ingest_id text not null
) with (fillfactor = 70);
create index connection_open on connection (ingest_id) where closed_ms is null;
create index connection_by_opened on connection (opened_ms);                        -- retention

create table connection_process (
  connection_id int8 not null,
  process_id int8 not null,
  first_received_ms int8 not null,
  last_received_ms int8 not null,
  requests int4 not null,
  primary key (process_id, connection_id)
) with (fillfactor = 70);
create index connection_process_by_connection on connection_process (connection_id);

create table request (
  id int8 not null,
  received_ms int8 not null,
  connection_id int8 not null,
  project_id int4 not null,
  path text not null,
  user_agent text not null,
  encoding text not null,
  wire_bytes int4 not null,
  body_bytes int4 not null,
  spans int4 not null,
  logs int4 not null,
  rejected int4 not null,
  status int4 not null,
  -- 'stored', 'duplicate' (same body as an earlier request, answered and not stored again)
  outcome text not null
) partition by range (received_ms);
create index request_by_id on request (id);

-- Bodies of the last hour: a retry of one that was committed changes nothing (R2).
create table request_ledger (
  body_sha bytea primary key,
  received_ms int8 not null
);
create index request_ledger_by_received on request_ledger (received_ms);

create table handshake (
  id int8 primary key,
  at_ms int8 not null,
  connection_id int8 not null,
  project_id int4 not null,
  peer text not null,
  user_agent text not null,
  token_hash bytea
);
create index handshake_by_at on handshake (project_id, at_ms);

create table reject (
  id int8 primary key,
  at_ms int8 not null,
  connection_id int8 not null,
  project_id int4,
  path text not null,
  user_agent text not null,
  status int4 not null,
  reason text not null,
  detail text not null,
  body_head bytea
);
create index reject_by_at on reject (at_ms);

create table span_record (
  received_ms int8 not null,
  start_ns int8 not null,
  end_ns int8,
  request_id int8 not null,
  connection_id int8 not null,
  process_id int8 not null,
  resource_id int8 not null,
  scope_id int8 not null,
  trace_id uuid not null,
  project_id int4 not null,
  flags int4 not null,
  marks int4 not null,
  heartbeat_every_ms int4,
  dropped_count int4 not null,
  phase int2 not null,
  dialect int2 not null,
  kind int2 not null,
  status_code int2 not null,
  span_id bytea not null,
  parent_span_id bytea,
  service text not null,
  name text not null,
  status_message text,
  trace_state text,
  attributes bytea,
  events bytea,
  links bytea
) partition by range (received_ms);
create index span_record_by_trace on span_record (trace_id);                       -- every read of a trace

create table log_record (
  received_ms int8 not null,
  time_ns int8 not null,
  request_id int8 not null,
  connection_id int8 not null,
  process_id int8 not null,
  resource_id int8 not null,
  scope_id int8 not null,
  -- All zeros when the record names no trace: Citus distributes by it.
  trace_id uuid not null,
  project_id int4 not null,
  flags int4 not null,
  marks int4 not null,
  severity_number int2 not null,
  span_id bytea,
  service text not null,
  severity_text text,
  event_name text,
  message text not null,
  template text,
  body bytea,
  attributes bytea
) partition by range (received_ms);
create index log_record_by_trace on log_record (trace_id);

-- One summary row per trace: what lists show. Ingest counts as it writes (so replays and divergent reports can overcount), the scheduler
-- replaces the counts by exact ones whenever it looks at the trace. first_received_ms never changes, so its index costs updates nothing.
create table trace (
  trace_id uuid primary key,
  project_id int4 not null,
  first_received_ms int8 not null,
  last_received_ms int8 not null,
  start_ns int8,
  end_ns int8,
  span_count int4 not null,
  error_count int4 not null,
  log_count int4 not null default 0,
  open_count int4 not null default 0,
  missing_count int4 not null default 0,
  root_service text,
  root_name text,
  root_span_id bytea,
  services text[] not null,
  -- Written by the scheduler.
  settled_ms int8,
  finding_count int4 not null default 0,
  worst_severity text,
  kinds text[] not null default '{}'
) with (fillfactor = 70);
create index trace_by_first on trace (project_id, first_received_ms desc, trace_id desc);  -- GET /api/traces, newest first
create index trace_with_findings on trace (project_id, first_received_ms desc, trace_id desc) where finding_count > 0;
create index trace_open on trace (project_id, first_received_ms desc) where open_count > 0;

-- What arrived, for the scheduler to consume (deletes as it reads, so the order of commits does not matter).
create table arrival (
  id int8 primary key,
  at_ms int8 not null,
  project_id int4 not null,
  -- 'records': traces that got records; 'connection': connections that closed; 'process': processes found gone or back.
  what text not null,
  trace_ids uuid[] not null default '{}',
  -- Those of trace_ids that got a start or a heartbeat: looked at once, not only after settling.
  open_trace_ids uuid[] not null default '{}',
  process_ids int8[] not null default '{}'
);

-- When the scheduler looks at a trace next.
create table trace_watch (
  trace_id uuid primary key,
  project_id int4 not null,
  due_ms int8 not null,
  last_received_ms int8 not null,
  -- Raised by each arrival: a look that began before it does not clear the watch.
  version int4 not null default 1
) with (fillfactor = 70);
create index trace_watch_by_due on trace_watch (due_ms);

-- Spans open or missing now, by trace; rewritten by the scheduler with each look. Also how it finds the traces of a process that ended.
create table open_span (
  trace_id uuid not null,
  span_id bytea not null,
  project_id int4 not null,
  process_id int8 not null,
  service text not null,
  name text not null,
  -- ongoing, stale, abandoned, missing
  state text not null,
  start_ns int8 not null,
  start_ms int8 not null,
  first_received_ms int8 not null,
  last_activity_ms int8 not null,
  call_site text,
  primary key (trace_id, span_id)
);
create index open_span_by_process on open_span (process_id);
create index open_span_by_start on open_span (project_id, start_ms, trace_id, span_id);    -- GET /api/open-spans, oldest first

-- Usual durations by service and span name, for stale-span: count, and quantile sketch by powers of 2^(1/4) of a ms.
create table span_baseline (
  project_id int4 not null,
  service text not null,
  name text not null,
  closed_count int8 not null,
  buckets jsonb not null,
  updated_ms int8 not null,
  primary key (project_id, service, name)
);

-- How parents named as remote fare, by service (wire.md O3b).
create table remote_parent_habit (
  project_id int4 not null,
  service text not null,
  remote_parents int8 not null,
  never_received int8 not null,
  distinct_missing int8 not null,
  updated_ms int8 not null,
  primary key (project_id, service)
);

create table finding_group (
  id text primary key,
  project_id int4 not null,
  kind text not null,
  family text not null,
  service text not null,
  span_name text not null,
  cause text,
  first_seen_ms int8 not null,
  last_seen_ms int8 not null,
  muted_ms int8
);

create table finding (
  -- Hash of project, kind, trace and subject: the same thing seen again is the same row, also after a restart.
  id text primary key,
  project_id int4 not null,
  kind text not null,
  family text not null,
  severity text not null,
  certainty text not null,
  state text not null check (state in ('open', 'resolved', 'retracted', 'muted')),
  subject text not null,
  service text not null,
  span_name text not null,
  trace_id uuid,
  span_ids text[] not null,
  missing_span_id text,
  process_id int8,
  title jsonb not null,
  count int4 not null,
  cause text,
  causes jsonb not null,
  evidence jsonb not null,
  advice jsonb not null,
  retracted_by jsonb not null,
  group_id text not null references finding_group,
  opened_ms int8 not null,
  last_evidence_ms int8 not null,
  closed_ms int8,
  -- Why it is no longer open, as a sentence.
  closed_because jsonb
) with (fillfactor = 80);
create index finding_by_state on finding (project_id, state, opened_ms desc, id desc);     -- GET /api/findings
create index finding_by_opened on finding (project_id, opened_ms desc, id desc);           -- state=all
create index finding_by_trace on finding (trace_id);
create index finding_by_group on finding (group_id, opened_ms desc);

-- Per minute and service: what GET /api/stats draws.
create table ingest_minute (
  project_id int4 not null,
  minute_ms int8 not null,
  service text not null,
  spans int8 not null,
  logs int8 not null,
  errors int8 not null,
  rejected int8 not null,
  primary key (project_id, minute_ms, service)
) with (fillfactor = 70);

-- One holder of each role at a time; `fence` grows with every change of holder, so a holder that slept too long writes nothing.
create table lease (
  name text primary key,
  holder text not null,
  fence int8 not null,
  until timestamptz not null
);
