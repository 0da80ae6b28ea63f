import { HealthResponse } from "@/lib/api/contract/status";
import { route } from "@/lib/http/route";
import { readHealth } from "@/lib/status/health";

export const GET = route(
  {
    summary: "How Spanwatch itself is. 200 also when degraded, 503 when the database is down. Without a key, in server mode, no details.",
    access: "public",
    response: HealthResponse,
  },
  async (ctx, { runtime, headers }) => {
    const { status, checks, isDatabaseUp } = await readHealth(ctx.db, runtime.config, ctx.nowMs);
    const answer = { status, checks: ctx.viewer === null ? {} : checks };
    // What keeps a balancer or `docker ps` from sending people here.
    return isDatabaseUp ? answer : Response.json(answer, { status: 503, headers: { ...Object.fromEntries(headers), "retry-after": "2" } });
  },
);
