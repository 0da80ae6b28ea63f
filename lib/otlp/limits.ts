import { MAX_VALUE_DEPTH } from "@/lib/otel/wire";

/**
 * How much of one record is kept (reliability-security.md R9). What is over a limit is cut and the record is marked; it is never
 * dropped. Only nesting and the number of groups refuse a body, because nothing honest comes near them.
 */
export interface DecodeLimits {
  /** Arrays and maps inside each other; deeper bodies are malformed. */
  valueDepth: number;
  /** Also of one event, one link, one log record, one resource, one scope. */
  attributesPerSpan: number;
  attributeKeyBytes: number;
  /** Text and bytes by their length, arrays and maps by the length of their encoding. */
  attributeValueBytes: number;
  eventsPerSpan: number;
  linksPerSpan: number;
  /** Names of spans, events, scopes, services; status messages, trace states and severity texts too. */
  nameBytes: number;
  /** The text of a log record. */
  messageBytes: number;
  /** Resources, and scopes, that one request may speak of; more are malformed. */
  groupsPerRequest: number;
}

export const DEFAULT_LIMITS: DecodeLimits = {
  valueDepth: MAX_VALUE_DEPTH,
  attributesPerSpan: 1024,
  attributeKeyBytes: 256,
  attributeValueBytes: 65_536,
  eventsPerSpan: 1024,
  linksPerSpan: 1024,
  nameBytes: 1024,
  messageBytes: 65_536,
  groupsPerRequest: 100_000,
};
