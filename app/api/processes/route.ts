import { ProcessesQuery, ProcessesResponse } from "@/lib/api/contract/traces";
import { route } from "@/lib/http/route";
import { listProcesses } from "@/lib/traces/list-processes";

export const GET = route(
  {
    summary: "Processes that sent telemetry, those heard of last first.",
    access: "read",
    query: ProcessesQuery,
    response: ProcessesResponse,
  },
  (ctx, { query, language }) => listProcesses(ctx, query, language),
);
