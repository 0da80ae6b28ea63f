import { SetupResponse } from "@/lib/api/contract/status";
import { route } from "@/lib/http/route";
import { readSetup } from "@/lib/status/setup";

export const GET = route(
  { summary: "Where to send telemetry to, and whether any came yet.", access: "read", response: SetupResponse },
  (ctx, { runtime, request }) => readSetup(ctx, runtime.config, request.headers.get("host")),
);
