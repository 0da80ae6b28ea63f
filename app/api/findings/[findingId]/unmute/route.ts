import { FindingJson, FindingParams } from "@/lib/api/contract/findings";
import { route } from "@/lib/http/route";
import { unmuteFinding } from "@/lib/traces/mute";

export const POST = route(
  { summary: "Takes a mute back; answers the finding as it is now.", access: "admin", params: FindingParams, response: FindingJson },
  (ctx, { params, language }) => unmuteFinding(ctx, params.findingId, language),
);
