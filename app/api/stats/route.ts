import { StatsQuery, StatsResponse } from "@/lib/api/contract/status";
import { route } from "@/lib/http/route";
import { loadStats } from "@/lib/traces/load-stats";

export const GET = route(
  {
    summary: "Series for charts, and totals. The last 24 hours unless `from` and `to` say otherwise.",
    access: "read",
    query: StatsQuery,
    response: StatsResponse,
  },
  (ctx, { query }) => loadStats(ctx, query),
);
