import type { RouteModule } from "@/lib/http/openapi";
import * as metrics from "../../metrics/route";
import * as health from "../health/route";
import * as live from "../live/route";
import * as setup from "../setup/route";
import * as signIn from "../sign-in/route";
import * as signOut from "../sign-out/route";
import * as traceColumns from "../traces/[traceId]/columns/route";

/** Every route by its path, in the order of the documents. A test compares this with the folders. */
export const ROUTES: Record<string, RouteModule> = {
  "/api/traces/{traceId}/columns": traceColumns,
  "/api/setup": setup,
  "/api/live": live,
  "/api/health": health,
  "/metrics": metrics,
  "/api/sign-in": signIn,
  "/api/sign-out": signOut,
};
