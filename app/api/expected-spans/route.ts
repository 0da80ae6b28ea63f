import { ExpectedSpanJson, ExpectedSpanRequest, ExpectedSpansResponse } from "@/lib/api/contract/expected-spans";
import { route } from "@/lib/http/route";
import { createExpectedSpan, listExpectedSpans } from "@/lib/traces/expected-spans";

export const GET = route(
  {
    summary: "Rules by which spans may be open for long, the oldest first, with how many open spans each covers.",
    access: "read",
    response: ExpectedSpansResponse,
  },
  listExpectedSpans,
);

export const POST = route(
  {
    summary: "From now on spans like this may be open for long, those open already included. The same said twice is one rule.",
    access: "admin",
    body: ExpectedSpanRequest,
    response: ExpectedSpanJson,
  },
  (ctx, { body }) => createExpectedSpan(ctx, body),
);
