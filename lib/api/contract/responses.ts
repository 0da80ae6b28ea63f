import { DemoResponse, SignInResponse, SignOutResponse } from "./actions";
import { ExpectedSpanJson, ExpectedSpansResponse, RemovedResponse } from "./expected-spans";
import { FindingGroupsResponse, FindingJson, FindingsResponse } from "./findings";
import { HealthResponse, SetupResponse, StatsResponse } from "./status";
import { TraceColumns } from "./trace-columns";
import { LogsResponse, OpenSpansResponse, ProcessesResponse, SpanDetails, TraceResponse, TracesResponse } from "./traces";

/** Every answer that the browser asks for, by name, so that `fetchJson` can be typed by it without carrying zod to production. */
export const RESPONSES = {
  DemoResponse,
  ExpectedSpanJson,
  ExpectedSpansResponse,
  FindingGroupsResponse,
  FindingJson,
  FindingsResponse,
  HealthResponse,
  LogsResponse,
  OpenSpansResponse,
  ProcessesResponse,
  RemovedResponse,
  SetupResponse,
  SignInResponse,
  SignOutResponse,
  SpanDetails,
  StatsResponse,
  TraceColumns,
  TraceResponse,
  TracesResponse,
};
