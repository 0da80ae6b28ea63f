import { FindingGroupsQuery, FindingGroupsResponse } from "@/lib/api/contract/findings";
import { route } from "@/lib/http/route";
import { listFindingGroups } from "@/lib/traces/list-finding-groups";

export const GET = route(
  {
    summary: "Findings by kind, service, span name and cause, those seen last first.",
    access: "read",
    query: FindingGroupsQuery,
    response: FindingGroupsResponse,
  },
  (ctx, { query, language }) => listFindingGroups(ctx, query, language),
);
