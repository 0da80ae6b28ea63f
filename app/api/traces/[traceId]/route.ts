import { z } from "zod";
import { TraceIdParam } from "@/lib/api/contract/common";
import { TraceResponse } from "@/lib/api/contract/traces";
import { route } from "@/lib/http/route";
import { loadTrace } from "@/lib/traces/load-trace";

export const GET = route(
  {
    summary: "A trace: its spans in reading order, missing parents among them, its findings and its processes.",
    access: "read",
    params: z.object({ traceId: TraceIdParam }),
    response: TraceResponse,
  },
  (ctx, { params, language }) => loadTrace(ctx, params.traceId, language),
);
