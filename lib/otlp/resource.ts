import { type Attribute, decodeAttributes } from "@/lib/otel/attributes";
import type { ResourceEntry, ScopeEntry } from "@/lib/otel/record-batch";
import { MARKS } from "@/lib/otel/span";
import { FieldCursor, readDouble, readInt64, WIRE } from "@/lib/otel/wire";
import { AttributeReader, wrongWire } from "./attribute-reader";
import type { BatchBuilder } from "./batch-builder";
import { gatherFields } from "./gather";
import { KeyTable } from "./key-table";
import type { DecodeLimits } from "./limits";

/** Keys that say whose telemetry it is (wire.md §5.3), in the order of `KEY`. */
const KEYS = [
  "service.name",
  "service.instance.id",
  "process.pid",
  "host.id",
  "host.name",
  "k8s.pod.uid",
  "container.id",
  "telemetry.sdk.name",
  "telemetry.sdk.language",
  "telemetry.sdk.version",
  "logfire.version",
] as const;
const TABLE = new KeyTable(KEYS);
const KEY = {
  service: 0,
  instance: 1,
  pid: 2,
  hostId: 3,
  hostName: 4,
  pod: 5,
  container: 6,
  sdkName: 7,
  sdkLanguage: 8,
  sdkVersion: 9,
  logfire: 10,
};

/** What stands in for `service.name` where none was sent, as the resource conventions say. */
const UNKNOWN_SERVICE = "unknown_service";

/**
 * An SDK sends the same resource and scopes with every request, so the last few are remembered by their bytes: reading the thirty of a
 * request of 500 spans anew would take a fifth of all decoding. Entries are shared between batches and never changed.
 */
interface GroupMemory {
  resources: Map<string, Remembered<ResourceEntry>>;
  scopes: Map<string, Remembered<ScopeEntry>>;
}
interface Remembered<T> {
  entry: T;
  marks: number;
}
const REMEMBERED = 512;
const REMEMBERED_BYTES = 4096;
/** No key. Begins with a character that bytes cannot make, so that no sender can write a resource that passes for another's key. */
const NOT_REMEMBERED = "\u2205";
/** Limits decide what an entry looks like. */
const MEMORIES = new WeakMap<DecodeLimits, GroupMemory>();

function memoryOf(limits: DecodeLimits): GroupMemory {
  const known = MEMORIES.get(limits);
  if (known) return known;
  const memory: GroupMemory = { resources: new Map(), scopes: new Map() };
  MEMORIES.set(limits, memory);
  return memory;
}

/** Forgets the oldest where there are too many. */
function remember<T>(memory: Map<string, Remembered<T>>, key: string, entry: T, marks: number): Remembered<T> {
  const known = { entry, marks };
  if (key === NOT_REMEMBERED) return known;
  if (memory.size >= REMEMBERED) memory.delete(memory.keys().next().value ?? "");
  memory.set(key, known);
  return known;
}

/** Reads the resources and scopes of one request. */
export class GroupReader {
  /** Marks that every record of the group just read gets: its attributes were cut. */
  marks = 0;
  readonly #batch: BatchBuilder;
  readonly #attributes: AttributeReader;
  readonly #memory: GroupMemory;

  constructor(batch: BatchBuilder) {
    this.#batch = batch;
    this.#attributes = new AttributeReader(batch.bytes, batch.limits, TABLE, KEYS.length);
    this.#memory = memoryOf(batch.limits);
  }

  /** The Resource messages (one, if the sender is sane; more are one split up) at these offsets: at, end, at, end … */
  resource(places: readonly number[], schemaUrl: string): ResourceEntry {
    const key = this.#keyOf(places, schemaUrl);
    const known =
      this.#memory.resources.get(key) ?? remember(this.#memory.resources, key, this.#readResource(places, schemaUrl), this.marks);
    this.marks = known.marks;
    return known.entry;
  }

  /** The InstrumentationScope messages at these offsets. */
  scope(places: readonly number[], schemaUrl: string): ScopeEntry {
    const key = this.#keyOf(places, schemaUrl);
    const known = this.#memory.scopes.get(key) ?? remember(this.#memory.scopes, key, this.#readScope(places, schemaUrl), this.marks);
    this.marks = known.marks;
    return known.entry;
  }

  /** What an entry is remembered by; empty when it is not to be. */
  #keyOf(places: readonly number[], schemaUrl: string): string {
    const at = places[0] ?? 0;
    const end = places[1] ?? 0;
    if (places.length > 2 || end - at > REMEMBERED_BYTES) return NOT_REMEMBERED;
    const bytes = this.#batch.latin1(at, end);
    return schemaUrl === "" ? bytes : `${NOT_REMEMBERED}${schemaUrl.length}:${schemaUrl}${bytes}`;
  }

  #readResource(places: readonly number[], schemaUrl: string): ResourceEntry {
    const attributesBytes = this.#read(places, 1);
    const text = (key: number): string | null => this.#text(key);
    const hostName = text(KEY.hostName);
    return new ReceivedResource(attributesBytes, {
      schemaUrl,
      service: text(KEY.service) ?? UNKNOWN_SERVICE,
      serviceInstanceId: text(KEY.instance),
      pid: pidOf(text(KEY.pid)),
      host: text(KEY.hostId) ?? hostName ?? text(KEY.pod) ?? text(KEY.container),
      hostName,
      sdkName: text(KEY.sdkName),
      sdkLanguage: text(KEY.sdkLanguage),
      sdkVersion: text(KEY.sdkVersion),
      logfireVersion: text(KEY.logfire),
    });
  }

  #readScope(places: readonly number[], schemaUrl: string): ScopeEntry {
    const scope: ScopeEntry = { name: "", version: "", attributesBytes: this.#read(places, 3), schemaUrl };
    for (let i = 0; i < places.length; i += 2) {
      const fields = new FieldCursor(this.#batch.bytes, places[i], places[i + 1]);
      while (fields.next()) {
        if (fields.field !== 1 && fields.field !== 2) continue;
        if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
        scope[fields.field === 1 ? "name" : "version"] = this.#batch.string(fields.valueAt, fields.valueEnd);
      }
    }
    return scope;
  }

  #read(places: readonly number[], field: number): Uint8Array {
    this.#attributes.restart();
    const { bytes, over } = gatherFields(this.#batch, this.#attributes, places, field);
    this.marks = over ? MARKS.attributesTruncated : 0;
    return bytes;
  }

  /** The value of an identifying attribute as text, whatever its type; null when absent or empty. */
  #text(key: number): string | null {
    const value = this.#attributes.valueOf(key);
    let text = "";
    while (value.next()) {
      if (value.field === 1) text = this.#batch.string(value.valueAt, value.valueEnd);
      else if (value.field === 3) text = readInt64(value.high, value.low);
      else if (value.field === 4) text = String(readDouble(value.high, value.low));
    }
    return text === "" ? null : text;
  }
}

/** A pid is sent as a number, or as text where it came through OTEL_RESOURCE_ATTRIBUTES. */
function pidOf(text: string | null): number | null {
  const pid = text !== null && /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return pid > 0 ? pid : null;
}

type Identity = Omit<ResourceEntry, "attributes" | "attributesBytes">;

/** Decodes its attributes only when somebody asks: most requests repeat a resource that is known. */
class ReceivedResource implements ResourceEntry {
  readonly attributesBytes: Uint8Array;
  readonly schemaUrl: string;
  readonly service: string;
  readonly serviceInstanceId: string | null;
  readonly pid: number | null;
  readonly host: string | null;
  readonly hostName: string | null;
  readonly sdkName: string | null;
  readonly sdkLanguage: string | null;
  readonly sdkVersion: string | null;
  readonly logfireVersion: string | null;
  #attributes: Attribute[] | null = null;

  constructor(attributesBytes: Uint8Array, identity: Identity) {
    this.attributesBytes = attributesBytes;
    this.schemaUrl = identity.schemaUrl;
    this.service = identity.service;
    this.serviceInstanceId = identity.serviceInstanceId;
    this.pid = identity.pid;
    this.host = identity.host;
    this.hostName = identity.hostName;
    this.sdkName = identity.sdkName;
    this.sdkLanguage = identity.sdkLanguage;
    this.sdkVersion = identity.sdkVersion;
    this.logfireVersion = identity.logfireVersion;
  }

  get attributes(): Attribute[] {
    this.#attributes ??= decodeAttributes(this.attributesBytes);
    return this.#attributes;
  }
}
