import { type Attribute, decodeAttributes } from "@/lib/otel/attributes";
import type { ResourceEntry, ScopeEntry } from "@/lib/otel/record-batch";
import { MARKS } from "@/lib/otel/span";
import { FieldCursor, readDouble, readInt64, WIRE } from "@/lib/otel/wire";
import { AttributeReader, wrongWire } from "./attribute-reader";
import type { BatchBuilder } from "./batch-builder";
import { gatherFields } from "./gather";
import { KeyTable } from "./key-table";

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
const NO_ATTRIBUTES = new Uint8Array(0);

/** Reads the resources and scopes of one request. */
export class GroupReader {
  /** Marks that every record of the group gets: its attributes were cut. */
  marks = 0;
  readonly #batch: BatchBuilder;
  readonly #attributes: AttributeReader;

  constructor(batch: BatchBuilder) {
    this.#batch = batch;
    this.#attributes = new AttributeReader(batch.bytes, batch.limits, TABLE, KEYS.length);
  }

  /** The Resource messages (one, if the sender is sane; more are one split up) at these offsets: at, end, at, end … */
  resource(places: readonly number[], schemaUrl: string): ResourceEntry {
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

  /** The InstrumentationScope messages at these offsets. */
  scope(places: readonly number[], schemaUrl: string): ScopeEntry {
    const scope: ScopeEntry = { name: "", version: "", attributesBytes: NO_ATTRIBUTES, schemaUrl };
    this.marks = 0;
    let hasAttributes = false;
    for (let i = 0; i < places.length; i += 2) {
      if (this.#namesOf(scope, places[i] as number, places[i + 1] as number)) hasAttributes = true;
    }
    if (hasAttributes) scope.attributesBytes = this.#read(places, 3);
    return scope;
  }

  /** Fills in name and version; returns whether there are attributes too. */
  #namesOf(scope: ScopeEntry, at: number, end: number): boolean {
    let hasAttributes = false;
    const fields = new FieldCursor(this.#batch.bytes, at, end);
    while (fields.next()) {
      if (fields.field > 3) continue;
      if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
      if (fields.field === 3) hasAttributes = true;
      else scope[fields.field === 1 ? "name" : "version"] = this.#batch.string(fields.valueAt, fields.valueEnd);
    }
    return hasAttributes;
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
