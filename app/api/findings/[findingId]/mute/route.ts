import { FindingJson, FindingParams } from "@/lib/api/contract/findings";
import { route } from "@/lib/http/route";
import { muteFinding } from "@/lib/traces/mute";

export const POST = route(
  {
    summary: "Hides a finding and those like it from the open lists; answers it as it is now.",
    access: "admin",
    params: FindingParams,
    response: FindingJson,
  },
  (ctx, { params, language }) => muteFinding(ctx, params.findingId, language),
);
