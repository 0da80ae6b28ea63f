-- Whether closed spans of one service and name usually have logs, for span-without-logs (lib/diagnosis/log-habit).
alter table span_baseline
  add column log_spans int8 not null default 0,
  add column with_logs int8 not null default 0,
  add column log_count int8 not null default 0,
  add column without_in_a_row int8 not null default 0;

-- Which numbers the workers of one kind had in their latest runs, the newest first, for silent-worker (lib/diagnosis/worker-habit).
create table worker_habit (
  project_id int4 not null,
  service text not null,
  parent text not null,
  template text not null,
  runs text[] not null,
  updated_ms int8 not null,
  primary key (project_id, service, parent, template)
);
