import { FindingJson, FindingParams } from "@/lib/api/contract/findings";
import { route } from "@/lib/http/route";
import { muteFinding } from "@/lib/traces/mute";

export const POST = route(
  {
    summary: "Mutes a finding: it stays where it was found, and nothing counts it. Answers it as it is now.",
    access: "admin",
    params: FindingParams,
    response: FindingJson,
  },
  (ctx, { params, language }) => muteFinding(ctx, params.findingId, language),
);
