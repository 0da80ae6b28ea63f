import { KeyTable } from "../key-table";

/** Attribute keys of a span that mean something to a dialect, in the order of `SPAN_KEY`. */
export const SPAN_KEYS = [
  "logfire.span_type",
  "logfire.pending_parent_id",
  "logfire.msg",
  "logfire.msg_template",
  "logfire.level_num",
  "_dd.partial_version",
  "_dd.was_long_running",
  "_dd.was_longrunning",
  "finished_by_sweeper",
  "partial.gc",
  "connector.gc",
  "flush.timeout",
] as const;

export const SPAN_KEY = {
  spanType: 0,
  pendingParentId: 1,
  msg: 2,
  msgTemplate: 3,
  levelNum: 4,
  partialVersion: 5,
  wasLongRunning: 6,
  wasLongrunning: 7,
  finishedBySweeper: 8,
  partialGc: 9,
  connectorGc: 10,
  flushTimeout: 11,
} as const;

export const SPAN_KEY_TABLE = new KeyTable(SPAN_KEYS);
