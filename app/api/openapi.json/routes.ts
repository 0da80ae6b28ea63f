import type { RouteModule } from "@/lib/http/openapi";
import * as metrics from "../../metrics/route";
import * as demo from "../demo/route";
import * as expectedSpan from "../expected-spans/[expectedSpanId]/route";
import * as expectedSpans from "../expected-spans/route";
import * as expected from "../findings/[findingId]/expected/route";
import * as feedback from "../findings/[findingId]/feedback/route";
import * as mute from "../findings/[findingId]/mute/route";
import * as finding from "../findings/[findingId]/route";
import * as unmute from "../findings/[findingId]/unmute/route";
import * as findingGroups from "../findings/groups/route";
import * as findings from "../findings/route";
import * as health from "../health/route";
import * as live from "../live/route";
import * as openSpans from "../open-spans/route";
import * as processes from "../processes/route";
import * as setup from "../setup/route";
import * as signIn from "../sign-in/route";
import * as signOut from "../sign-out/route";
import * as stats from "../stats/route";
import * as columns from "../traces/[traceId]/columns/route";
import * as exported from "../traces/[traceId]/export/route";
import * as logs from "../traces/[traceId]/logs/route";
import * as trace from "../traces/[traceId]/route";
import * as span from "../traces/[traceId]/spans/[spanId]/route";
import * as traces from "../traces/route";

/** Every route by its path, in the order of the documents. A test compares this with the folders. */
export const ROUTES: Record<string, RouteModule> = {
  "/api/traces": traces,
  "/api/traces/[traceId]": trace,
  "/api/traces/[traceId]/columns": columns,
  "/api/traces/[traceId]/spans/[spanId]": span,
  "/api/traces/[traceId]/logs": logs,
  "/api/traces/[traceId]/export": exported,
  "/api/findings": findings,
  "/api/findings/[findingId]": finding,
  "/api/findings/groups": findingGroups,
  "/api/findings/[findingId]/mute": mute,
  "/api/findings/[findingId]/unmute": unmute,
  "/api/findings/[findingId]/feedback": feedback,
  "/api/findings/[findingId]/expected": expected,
  "/api/expected-spans": expectedSpans,
  "/api/expected-spans/[expectedSpanId]": expectedSpan,
  "/api/open-spans": openSpans,
  "/api/processes": processes,
  "/api/stats": stats,
  "/api/setup": setup,
  "/api/live": live,
  "/api/demo": demo,
  "/api/health": health,
  "/metrics": metrics,
  "/api/sign-in": signIn,
  "/api/sign-out": signOut,
};
