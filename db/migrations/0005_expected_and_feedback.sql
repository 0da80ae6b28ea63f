-- What somebody said is normal: spans like this may stay open for long (lib/traces/expected-spans.ts). What is null is not asked for.
create table expected_span (
  id text primary key,
  project_id int4 not null references project,
  service text,
  span_name text,
  attribute_key text,
  attribute_value text,
  span_kind text,
  created_ms int8 not null,
  -- Hash of what it asks for: the same said twice is one rule. (The columns themselves may be too long for an index.)
  fingerprint text not null,
  check (coalesce(service, span_name, attribute_key, span_kind) is not null),
  check ((attribute_key is null) = (attribute_value is null)),
  unique (project_id, fingerprint)
);

-- Which rule lets a span be long.
alter table open_span add column expected_id text;
create index open_span_by_expected on open_span (expected_id) where expected_id is not null;

-- What somebody said of a group of findings, and when; `muted_ms` was never written.
alter table finding_group drop column muted_ms;
alter table finding_group add column feedback text check (feedback in ('not-a-problem', 'known', 'fixed'));
alter table finding_group add column feedback_ms int8;
-- Muted because its group is, and not by itself.
alter table finding add column muted_by_group boolean not null default false;

-- The end of a process that the finding is a part of; null when it is about something else.
alter table finding add column incident_id text;
-- GET /api/findings/groups: which groups belong to the same ends of processes
create index finding_by_incident on finding (project_id, incident_id, group_id) where state = 'open' and incident_id is not null;
