import { FindingsQuery, FindingsResponse } from "@/lib/api/contract/findings";
import { route } from "@/lib/http/route";
import { listFindings } from "@/lib/traces/list-findings";

export const GET = route(
  {
    summary: "Findings, newest first; the open ones unless `state` says otherwise.",
    access: "read",
    query: FindingsQuery,
    response: FindingsResponse,
  },
  (ctx, { query, language }) => listFindings(ctx, query, language),
);
