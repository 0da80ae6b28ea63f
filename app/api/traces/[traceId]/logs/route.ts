import { z } from "zod";
import { TraceIdParam } from "@/lib/api/contract/common";
import { LogsQuery, LogsResponse } from "@/lib/api/contract/traces";
import { route } from "@/lib/http/route";
import { listLogs } from "@/lib/traces/list-logs";

export const GET = route(
  {
    summary: "Log records of a trace, oldest first.",
    access: "read",
    params: z.object({ traceId: TraceIdParam }),
    query: LogsQuery,
    response: LogsResponse,
  },
  (ctx, { params, query }) => listLogs(ctx, params.traceId, query),
);
