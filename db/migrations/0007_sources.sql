-- What looks at senders need (lib/diagnosis/source-check.ts). Whose hand-shakes a connection's are is told by the token.
alter table connection add column token_hash bytea;

-- Received of a process: ends of spans with the log lines that came as spans, records of logs, spans that its SDK had trimmed. Held against
-- what its SDK counted (wire.md W5, W6). Ingest adds to them as it commits; process_metric sums up differences likewise.
alter table process
  add column ended_spans int8 not null default 0,
  add column logs int8 not null default 0,
  add column trimmed_spans int8 not null default 0;

-- When the scheduler looks at a project's senders next.
create table source_watch (
  project_id int4 primary key,
  due_ms int8 not null,
  -- Raised by each arrival: a look that began before it does not clear the watch.
  version int4 not null default 1
) with (fillfactor = 70);

-- What a look at senders found before.
create index finding_without_trace on finding (project_id, state) where trace_id is null;
