-- The latest processes of a service, to learn whether its path reconnects (db/queries/processes.ts, design §6 rule 3).
create index process_by_service on process (project_id, service, last_received_ms desc);
