import { OpenSpansQuery, OpenSpansResponse } from "@/lib/api/contract/traces";
import { route } from "@/lib/http/route";
import { listOpenSpans } from "@/lib/traces/list-open-spans";

export const GET = route(
  { summary: "Spans open or missing now, longest first.", access: "read", query: OpenSpansQuery, response: OpenSpansResponse },
  (ctx, { query }) => listOpenSpans(ctx, query),
);
