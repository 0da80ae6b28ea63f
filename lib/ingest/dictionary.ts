import { type Halves, halvesOf } from "@/db/queries/records/row-context";
import type { Attribute } from "@/lib/otel/attributes";
import type { ResourceEntry, ScopeEntry } from "@/lib/otel/record-batch";
import { contentId } from "./ids";
import { LIMITS } from "./limits";
import { Lru } from "./lru";

/** A resource as ingest knows it: its id, and what a process is told by. */
export interface KnownResource {
  id: bigint;
  halves: Halves;
  attributesBytes: Uint8Array;
  schemaUrl: string;
  service: string;
  serviceBytes: Uint8Array;
  instanceId: string | null;
  pid: number | null;
  host: string | null;
  hostName: string | null;
  sdkName: string | null;
  sdkLanguage: string | null;
  sdkVersion: string | null;
  logfireVersion: string | null;
  /** An exit that the attributes tell of: when (Unix ms), `unknown`, or null for none. */
  exit: number | "unknown" | null;
  /** Until when (Unix ms) its row needs not be written again. */
  storedUntilMs: number;
  /** Ids of the processes that it names, by project (lib/ingest/process-identity.ts). */
  processIds: Map<number, bigint>;
}

export interface KnownScope {
  id: bigint;
  halves: Halves;
  name: string;
  version: string;
  attributesBytes: Uint8Array;
  schemaUrl: string;
  storedUntilMs: number;
}

const ENTRIES_MAX = 5_000;
/** Rows are written again after so long: retention may have taken them away. */
export const DICTIONARY_STORED_MS = 3_600_000;

const resources = new Lru<string, KnownResource>(ENTRIES_MAX);
const scopes = new Lru<string, KnownScope>(ENTRIES_MAX);

/** The resource with these very bytes; an SDK sends the same ones with every request, so they are hashed once. */
export function knownResource(entry: ResourceEntry): KnownResource {
  const key = `${entry.schemaUrl}\n${latin1(entry.attributesBytes)}`;
  const known = resources.get(key);
  if (known) return known;
  const service = cut(entry.service);
  const id = contentId(entry.attributesBytes, entry.schemaUrl);
  const made: KnownResource = {
    id,
    halves: halvesOf(id),
    // The bytes are a view of a request's body, which must not be kept alive by them.
    attributesBytes: Uint8Array.from(entry.attributesBytes),
    schemaUrl: cut(entry.schemaUrl),
    service,
    serviceBytes: Buffer.from(service),
    instanceId: cutOrNull(entry.serviceInstanceId),
    pid: entry.pid !== null && Number.isSafeInteger(entry.pid) ? entry.pid : null,
    host: cutOrNull(entry.host),
    hostName: cutOrNull(entry.hostName),
    sdkName: cutOrNull(entry.sdkName),
    sdkLanguage: cutOrNull(entry.sdkLanguage),
    sdkVersion: cutOrNull(entry.sdkVersion),
    logfireVersion: cutOrNull(entry.logfireVersion),
    exit: exitOf(entry.attributes),
    storedUntilMs: 0,
    processIds: new Map(),
  };
  resources.set(key, made);
  return made;
}

export function knownScope(entry: ScopeEntry): KnownScope {
  const key = `${entry.name}\n${entry.version}\n${entry.schemaUrl}\n${latin1(entry.attributesBytes)}`;
  const known = scopes.get(key);
  if (known) return known;
  const id = contentId(entry.name, entry.version, entry.attributesBytes, entry.schemaUrl);
  const made: KnownScope = {
    id,
    halves: halvesOf(id),
    name: clean(entry.name),
    version: clean(entry.version),
    attributesBytes: Uint8Array.from(entry.attributesBytes),
    schemaUrl: clean(entry.schemaUrl),
    storedUntilMs: 0,
  };
  scopes.set(key, made);
  return made;
}

/** `process.exit.time` (RFC 3339) or at least `process.exit.code`, as semantic conventions spell them (wire.md §5.3). */
function exitOf(attributes: readonly Attribute[]): KnownResource["exit"] {
  const time = attributes.find((attribute) => attribute.key === "process.exit.time")?.value;
  if (time?.type === "string" && !Number.isNaN(Date.parse(time.value))) return Date.parse(time.value);
  return attributes.some((attribute) => attribute.key === "process.exit.code") ? "unknown" : null;
}

/** Text that a Postgres column takes. (Lone surrogates become U+FFFD when it is written as UTF-8.) */
export const clean = (text: string): string => text.replaceAll("\0", "\ufffd");

const cut = (text: string): string => {
  const short = text.length > LIMITS.identityChars ? text.slice(0, LIMITS.identityChars) : text;
  return clean(short);
};
const cutOrNull = (text: string | null): string | null => (text === null ? null : cut(text));
const latin1 = (bytes: Uint8Array): string =>
  bytes.length === 0 ? "" : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
