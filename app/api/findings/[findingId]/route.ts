import { FindingJson, FindingParams } from "@/lib/api/contract/findings";
import { route } from "@/lib/http/route";
import { findFinding } from "@/lib/traces/find-finding";

export const GET = route(
  { summary: "A finding.", access: "read", params: FindingParams, response: FindingJson },
  (ctx, { params, language }) => findFinding(ctx, params.findingId, language),
);
