import { AppError } from "@/lib/errors";
import { eventStream } from "@/lib/http/event-stream";
import { route } from "@/lib/http/route";
import { liveHub } from "@/lib/status/live-hub";

/** A key can be revoked and a session can end: whoever listens must show his ticket again now and then. */
const TICKET_MS = 600_000;

export const GET = route(
  {
    summary: "Server-sent events (LiveEvent): hints at what changed, to ask for again. Comments every 15 s keep the line open.",
    access: "read",
    response: "text/event-stream",
  },
  async (ctx, { request, runtime, headers }) => {
    const hub = liveHub(runtime.config.databaseUrl ?? "");
    if (!hub.hasRoom) throw new AppError("unavailable", "Too many live connections.");
    return eventStream(request.signal, headers, (sink) => {
      const unsubscribe = hub.subscribe(ctx.viewer.projectId, sink);
      const ticket = ctx.viewer.type === "local" ? undefined : setTimeout(sink.end, TICKET_MS);
      return () => {
        clearTimeout(ticket);
        unsubscribe();
      };
    });
  },
);
