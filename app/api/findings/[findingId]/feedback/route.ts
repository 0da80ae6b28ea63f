import { FeedbackRequest, FindingJson, FindingParams } from "@/lib/api/contract/findings";
import { route } from "@/lib/http/route";
import { giveFeedback } from "@/lib/traces/mute";

export const POST = route(
  {
    summary: "Says of a finding, and of all with its kind, service, span name and cause, that it is no problem, known, or fixed.",
    access: "admin",
    params: FindingParams,
    body: FeedbackRequest,
    response: FindingJson,
  },
  (ctx, { params, body, language }) => giveFeedback(ctx, params.findingId, body.verdict, language),
);
