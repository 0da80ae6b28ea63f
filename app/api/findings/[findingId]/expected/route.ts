import { ExpectedSpanJson } from "@/lib/api/contract/expected-spans";
import { FindingParams } from "@/lib/api/contract/findings";
import { route } from "@/lib/http/route";
import { expectSpansOfFinding } from "@/lib/traces/expected-spans";

export const POST = route(
  {
    summary: "This is normal: spans of the finding's service and name may be open for long. Answers the rule.",
    access: "admin",
    params: FindingParams,
    response: ExpectedSpanJson,
  },
  (ctx, { params }) => expectSpansOfFinding(ctx, params.findingId),
);
