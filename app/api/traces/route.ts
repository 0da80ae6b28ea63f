import { TracesQuery, TracesResponse } from "@/lib/api/contract/traces";
import { route } from "@/lib/http/route";
import { searchTraces } from "@/lib/traces/search-traces";

export const GET = route(
  { summary: "Traces, newest first.", access: "read", query: TracesQuery, response: TracesResponse },
  (ctx, { query }) => searchTraces(ctx, query),
);
