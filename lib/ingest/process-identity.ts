import type { KnownResource } from "./dictionary";
import { contentId } from "./ids";

/**
 * Which process a resource speaks of (design §4, wire.md §9): never a pid alone, but the tuple of instance id, pid, host and service, as far
 * as they were sent. A sender that gives neither instance id nor pid is known by its connection, if it is itself at the other end of it;
 * through a proxy only host and service are left.
 */
export function processIdOf(projectId: number, resource: KnownResource, connection: { id: bigint; direct: boolean }): bigint {
  const { instanceId, pid, processIds } = resource;
  if (instanceId === null && pid === null && connection.direct) return idOf(projectId, resource, connection.id);
  const id = processIds.get(projectId) ?? idOf(projectId, resource, null);
  processIds.set(projectId, id);
  return id;
}

const idOf = (projectId: number, { instanceId, pid, host, service }: KnownResource, connectionId: bigint | null): bigint =>
  contentId(JSON.stringify([projectId, instanceId, pid, host, service, connectionId === null ? null : String(connectionId)]));
