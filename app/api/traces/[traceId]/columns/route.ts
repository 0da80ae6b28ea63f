import { z } from "zod";
import { TraceIdParam } from "@/lib/api/contract/common";
import { TraceColumns } from "@/lib/api/contract/trace-columns";
import { traceColumnsOf } from "@/lib/api/trace-columns";
import { route } from "@/lib/http/route";
import { loadTrace } from "@/lib/traces/load-trace";

export const GET = route(
  {
    summary: "A whole trace as columns, for drawing: the same rows as GET /api/traces/{traceId}, an eighth of the bytes.",
    access: "read",
    params: z.object({ traceId: TraceIdParam }),
    response: TraceColumns,
  },
  async (ctx, { params, language }) => traceColumnsOf(await loadTrace(ctx, params.traceId, language)),
);
