import { z } from "zod";
import { SpanIdParam, TraceIdParam } from "@/lib/api/contract/common";
import { SpanDetails, SpanQuery } from "@/lib/api/contract/traces";
import { route } from "@/lib/http/route";
import { loadSpan } from "@/lib/traces/load-span";

export const GET = route(
  {
    summary: "A span: attributes, events, links, and every record received about it.",
    access: "read",
    params: z.object({ traceId: TraceIdParam, spanId: SpanIdParam }),
    query: SpanQuery,
    response: SpanDetails,
  },
  (ctx, { params, query }) => loadSpan(ctx, params.traceId, params.spanId, query.variant),
);
