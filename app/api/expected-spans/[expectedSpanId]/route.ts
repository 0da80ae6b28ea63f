import { ExpectedSpanJson, ExpectedSpanParams, ExpectedSpanRequest, RemovedResponse } from "@/lib/api/contract/expected-spans";
import { route } from "@/lib/http/route";
import { findExpectedSpan, removeExpectedSpan, updateExpectedSpan } from "@/lib/traces/expected-spans";

export const GET = route(
  { summary: "One rule by which spans may be open for long.", access: "read", params: ExpectedSpanParams, response: ExpectedSpanJson },
  (ctx, { params }) => findExpectedSpan(ctx, params.expectedSpanId),
);

export const PUT = route(
  {
    summary: "Replaces what a rule says; the spans that it covered are looked at again.",
    access: "admin",
    params: ExpectedSpanParams,
    body: ExpectedSpanRequest,
    response: ExpectedSpanJson,
  },
  (ctx, { params, body }) => updateExpectedSpan(ctx, params.expectedSpanId, body),
);

export const DELETE = route(
  {
    summary: "Removes a rule; the spans that it covered are looked at again.",
    access: "admin",
    params: ExpectedSpanParams,
    response: RemovedResponse,
  },
  (ctx, { params }) => removeExpectedSpan(ctx, params.expectedSpanId),
);
