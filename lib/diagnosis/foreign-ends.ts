import type { SpanRecord } from "@/lib/otel/span";
import { Carriers } from "@/lib/span-tree/believed-end";
import { once } from "./once";

/** Which processes each request and connection of the trace carried. Worth building only where some span has a disputed end. */
export const carriersOf = once(({ spans }) => {
  const carriers = new Carriers();
  for (const { records } of spans) for (const record of records) carriers.note(record);
  return carriers;
});

/**
 * Whether an end was sent by another process than its span's (wire.md L5): it came in one request with another process's spans, or on a
 * connection on which its own process sent nothing but ends.
 */
export function isForeignEnd({ requestId, connectionId, processId }: SpanRecord, carriers: Carriers): boolean {
  if (carriers.request.get(requestId) === null) return true;
  const processes = carriers.connection.get(connectionId);
  return processes !== undefined && processes.size > 1 && processes.get(processId) === false;
}
