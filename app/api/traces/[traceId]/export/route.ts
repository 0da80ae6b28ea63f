import { z } from "zod";
import { TraceIdParam } from "@/lib/api/contract/common";
import { jsonStream } from "@/lib/http/json-answer";
import { route } from "@/lib/http/route";
import { exportTrace } from "@/lib/traces/export-trace";

export const GET = route(
  {
    summary: "A trace as OTLP JSON, each span once, as a file to save.",
    access: "read",
    params: z.object({ traceId: TraceIdParam }),
    response: "application/json",
  },
  async (ctx, { params: { traceId }, headers }) => {
    const pieces = await exportTrace(ctx, traceId);
    headers.set("content-disposition", `attachment; filename="trace-${traceId}.json"`);
    return jsonStream(pieces, headers);
  },
);
