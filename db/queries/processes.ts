import type { Db } from "@/db/client";
import { readRows } from "./prepared";

/**
 * Everything that is stored of a process, as lib/diagnosis takes it (ProcessEvidence). Moments are Unix ms of the server's clock.
 */
export interface ProcessEvidenceRow {
  processId: string;
  service: string;
  pid: number | null;
  serviceInstanceId: string | null;
  host: string | null;
  sdkName: string | null;
  sdkLanguage: string | null;
  sdkVersion: string | null;
  logfireVersion: string | null;
  userAgent: string;
  firstReceivedMs: number;
  lastReceivedMs: number;
  longestPauseMs: number | null;
  pathReconnects: boolean;
  connections: ConnectionRow[];
  local: { pid: number; verifiedBy: "socket" | "user" | null; aliveAtMs: number; goneAtMs: number | null } | null;
  replacedBy: { processId: string; firstReceivedMs: number } | null;
  exitedMs: number | null;
}

export interface ConnectionRow {
  connectionId: string;
  protocol: "http" | "grpc";
  peer: string;
  userAgent: string;
  tokenHash: string | null;
  openedMs: number;
  closedMs: number | null;
  closedBy: "client" | "reset" | "server" | null;
  direct: boolean;
  firstReceivedMs: number;
  lastReceivedMs: number;
  requests: number;
  processIds: string[];
}

/** A process that opens a connection for each batch has thousands; the latest say all there is to say. */
const CONNECTIONS_MAX = 100;
/** A Collector's connection carries whole clusters. */
const IDENTITIES_MAX = 1_000;
/** How far back a service's path is known: so many of its latest processes. */
const PATH_MEMORY = 50;
/** A clean exit closes its session and sends its last batch on a new connection 3 to 15 ms later; that is no reconnecting path. */
const COMEBACK_MS = 100;

/** The evidence of these processes; ids that are not known are left out. In the order of their ids. */
export async function listProcessEvidence(db: Db, processIds: readonly string[]): Promise<ProcessEvidenceRow[]> {
  if (processIds.length === 0) return [];
  const ids = [...new Set(processIds)];
  const [processes, connections, reconnecting] = await Promise.all([
    listProcessesById(db, ids),
    listConnections(db, ids),
    listReconnecting(db, ids),
  ]);
  const reconnects = new Set(reconnecting);
  const byProcess = new Map<string, ConnectionRow[]>(ids.map((id) => [id, []]));
  for (const { processId, ...connection } of connections) byProcess.get(processId)?.push(connection);
  return processes.map(({ replacedById, replacedByMs, ...process }) => ({
    ...process,
    pathReconnects: reconnects.has(process.processId),
    connections: byProcess.get(process.processId) ?? [],
    replacedBy: replacedById === null || replacedByMs === null ? null : { processId: replacedById, firstReceivedMs: replacedByMs },
  }));
}

interface ProcessRow extends Omit<ProcessEvidenceRow, "pathReconnects" | "connections" | "replacedBy"> {
  replacedById: string | null;
  replacedByMs: number | null;
}

/** A process of the same instance id that was first heard of later took its place: the first such. */
function listProcessesById(db: Db, ids: readonly string[]): Promise<ProcessRow[]> {
  return readRows<ProcessRow>(
    db,
    "processes by id",
    `select process.id as "processId", process.service, process.pid::float8 as pid, process.instance_id as "serviceInstanceId",
       process.host, process.sdk_name as "sdkName", process.sdk_language as "sdkLanguage", process.sdk_version as "sdkVersion",
       process.logfire_version as "logfireVersion", process.user_agent as "userAgent",
       process.first_received_ms::float8 as "firstReceivedMs", process.last_received_ms::float8 as "lastReceivedMs",
       process.longest_pause_ms::float8 as "longestPauseMs", process.exited_ms::float8 as "exitedMs",
       case when process.local_pid is not null and (process.local_verified_by is not null or process.local_gone_ms is null) then
         json_build_object('pid', process.local_pid, 'verifiedBy', process.local_verified_by,
                           'aliveAtMs', process.local_alive_ms, 'goneAtMs', process.local_gone_ms)
       end as local,
       next.id as "replacedById", next.first_received_ms::float8 as "replacedByMs"
     from process
     left join lateral (
       select later.id, later.first_received_ms from process as later
       where later.project_id = process.project_id and later.instance_id = process.instance_id and later.id <> process.id
         and later.first_received_ms > process.first_received_ms
       order by later.first_received_ms limit 1
     ) as next on true
     where process.id = any($1::int8[])
     order by process.id`,
    [ids],
  );
}

/** The latest connections of each process, each with all that it carried. */
function listConnections(db: Db, ids: readonly string[]): Promise<(ConnectionRow & { processId: string })[]> {
  return readRows<ConnectionRow & { processId: string }>(
    db,
    "connections of processes",
    `select carried.process_id as "processId", connection.id as "connectionId", connection.protocol, connection.peer,
       connection.user_agent as "userAgent", connection.token_hash as "tokenHash", connection.direct, connection.closed_by as "closedBy",
       connection.opened_ms::float8 as "openedMs", connection.closed_ms::float8 as "closedMs",
       carried.first_received_ms::float8 as "firstReceivedMs", carried.last_received_ms::float8 as "lastReceivedMs", carried.requests,
       array(select process_id::text from connection_process as other where other.connection_id = connection.id limit ${IDENTITIES_MAX})
         as "processIds"
     from unnest($1::int8[]) as asked (id)
     cross join lateral (
       select * from connection_process where process_id = asked.id order by last_received_ms desc limit ${CONNECTIONS_MAX}
     ) as carried
     join connection on connection.id = carried.connection_id
     order by carried.process_id, connection.opened_ms, connection.id`,
    [ids],
  );
}

/**
 * Which of these processes take a path (service, peer, user agent) on which a process was left without a connection before and opened
 * another one later: a forwarder, an idle timer, a connection for each batch. What we closed ourselves tells nothing. Processes that send
 * neither pid nor instance id are one each connection (design §4), so that all of a path count as one here.
 */
async function listReconnecting(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await readRows<{ id: string }>(
    db,
    "processes on reconnecting paths",
    `with asked as (select id, project_id, service from process where id = any($1::int8[])),
     carried as (
       select asked_service.project_id, asked_service.service, connection.peer, connection.user_agent, connection.opened_ms,
         case when connection.closed_by in ('client', 'reset') then connection.closed_ms end as hung_up_ms,
         case when sibling.pid is null and sibling.instance_id is null then 0 else sibling.id end as process_id
       from (select distinct project_id, service from asked) as asked_service
       cross join lateral (
         select id, pid, instance_id from process
         where project_id = asked_service.project_id and service = asked_service.service
         order by last_received_ms desc limit ${PATH_MEMORY}
       ) as sibling
       cross join lateral (
         select connection_id from connection_process where process_id = sibling.id order by last_received_ms desc limit ${CONNECTIONS_MAX}
       ) as latest
       join connection on connection.id = latest.connection_id
     ),
     story as (
       select project_id, service, peer, user_agent, opened_ms,
         max(coalesce(hung_up_ms, 9223372036854775807)) over (
           partition by project_id, service, peer, user_agent, process_id order by opened_ms
           rows between unbounded preceding and 1 preceding
         ) as busy_until_ms
       from carried
     ),
     path as (
       select distinct project_id, service, peer, user_agent from story where busy_until_ms < opened_ms - ${COMEBACK_MS}
     )
     select asked.id from asked
     where exists (
       select from connection_process
       join connection on connection.id = connection_process.connection_id
       join path on path.project_id = asked.project_id and path.service = asked.service
         and path.peer = connection.peer and path.user_agent = connection.user_agent
       where connection_process.process_id = asked.id
     )`,
    [ids],
  );
  return rows.map((row) => row.id);
}

/** A page of a project's processes, the last heard of first: their ids, with what the next page begins after. */
export async function listProcessIds(
  db: Db,
  page: { projectId: number; service: string | null; after: { lastReceivedMs: number; processId: string } | null; limit: number },
): Promise<{ processId: string; lastReceivedMs: number }[]> {
  return readRows(
    db,
    "process ids",
    `select id as "processId", last_received_ms::float8 as "lastReceivedMs" from process
     where project_id = $1 and ($2::text is null or service = $2)
       and ($3::int8 is null or (last_received_ms, id) < ($3, $4::int8))
     order by last_received_ms desc, id desc limit $5`,
    [page.projectId, page.service, page.after?.lastReceivedMs ?? null, page.after?.processId ?? null, page.limit],
  );
}

/** The pid that each of these processes named; those without are not in the map. */
export async function listPids(db: Db, processIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await readRows<{ id: string; pid: number }>(
    db,
    "pids",
    "select id, pid::float8 as pid from process where id = any($1::int8[]) and pid is not null",
    [processIds],
  );
  return new Map(rows.map(({ id, pid }) => [id, pid]));
}
