import { decodeAttributes } from "@/lib/otel/attributes";
import type { MetricsDigest } from "@/lib/otel/record-batch";
import { FieldCursor, readDouble, readInt64, uint64Of, WIRE } from "@/lib/otel/wire";
import { AttributeReader, wrongWire } from "./attribute-reader";
import type { BatchBuilder } from "./batch-builder";
import { walkGroups } from "./groups";
import { KeyTable } from "./key-table";
import { fieldWith, join, trimKeyValue } from "./trim";

type Point = MetricsDigest["points"][number];

/** What an SDK counts about itself (semantic conventions `otel.sdk.*`; wire.md §4), and a Collector of what it let go (wire.md W6). */
const SELF_METRICS = /^(?:otel\.sdk\.|otelcol[._]\w+[._](?:refused|failed|enqueue_failed|send_failed)_)/;
/** Self-metrics of one request that are kept; an SDK has a few dozen. */
const POINTS_KEPT = 4096;
/** `DataPointFlags`: the stream went silent, there is no value. */
const NO_RECORDED_VALUE = 1;
/** Fields of Metric that hold data: gauge, sum, histogram, exponential histogram, summary. */
const DATA_FIELDS = new Set([5, 7, 9, 10, 11]);
const NUMBER_DATA = new Set([5, 7]);
/** Tag of `Sum.aggregation_temporality`, and its value for differences. */
const AGGREGATION_TEMPORALITY = 16;
const DELTA = 1;

/** Reads an ExportMetricsServiceRequest down to its number points, and those only of self-metrics. */
export class MetricDecoder {
  readonly #batch: BatchBuilder;
  readonly #attributes: AttributeReader;
  readonly #points: Point[] = [];
  #droppedPoints = 0;

  constructor(batch: BatchBuilder) {
    this.#batch = batch;
    this.#attributes = new AttributeReader(batch.bytes, batch.limits, new KeyTable([]), 0);
  }

  run(): MetricsDigest {
    walkGroups(this.#batch, (at, end, resource) => this.#metric(at, end, resource));
    const { resources, rejections } = this.#batch;
    return { resources, points: this.#points, droppedPoints: this.#droppedPoints, rejections };
  }

  /** The name may stand behind the data, so the data is looked at last. */
  #metric(at: number, end: number, resource: number): void {
    let name = "";
    const data: number[] = [];
    const fields = new FieldCursor(this.#batch.bytes, at, end);
    while (fields.next()) {
      if (fields.field !== 1 && !DATA_FIELDS.has(fields.field)) continue;
      if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
      if (fields.field === 1) name = this.#batch.string(fields.valueAt, fields.valueEnd);
      else data.push(fields.field, fields.valueAt, fields.valueEnd);
    }
    const isSelfMetric = SELF_METRICS.test(name);
    for (let i = 0; i < data.length; i += 3) {
      const wanted = isSelfMetric && NUMBER_DATA.has(data[i] as number);
      this.#data(data[i + 1] as number, data[i + 2] as number, wanted ? { resource, name } : null);
    }
  }

  #data(at: number, end: number, wanted: { resource: number; name: string } | null): void {
    let isDelta = false;
    const from = this.#points.length;
    const fields = new FieldCursor(this.#batch.bytes, at, end);
    while (fields.next()) {
      // Of a gauge there is no such field.
      if (fields.tag === AGGREGATION_TEMPORALITY && fields.low === DELTA) isDelta = true;
      if (fields.field !== 1) continue;
      if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
      const point = wanted && this.#points.length < POINTS_KEPT ? this.#point(fields.valueAt, fields.valueEnd) : null;
      if (point) this.#points.push({ ...wanted, ...point } as Point);
      else this.#droppedPoints++;
    }
    // The field may stand behind the points.
    if (isDelta) for (const point of this.#points.slice(from)) point.isDelta = true;
  }

  #point(at: number, end: number): Omit<Point, "resource" | "name"> | null {
    const { bytes, limits } = this.#batch;
    const attributes: Uint8Array[] = [];
    let value: number | null = null;
    let timeUnixNano = 0n;
    let isEmpty = false;
    const fields = new FieldCursor(bytes, at, end);
    while (fields.next()) {
      switch (fields.tag) {
        case 25: // time_unix_nano
          timeUnixNano = uint64Of(fields.high, fields.low);
          break;
        case 33: // as_double
          value = readDouble(fields.high, fields.low);
          break;
        case 49: // as_int
          value = Number(readInt64(fields.high, fields.low));
          break;
        case 58: // attributes
          this.#attributes.read(fields.valueAt, fields.valueEnd);
          if (attributes.length < limits.attributesPerSpan) {
            attributes.push(fieldWith(fields.field, trimKeyValue(bytes, fields.valueAt, fields.valueEnd, limits)));
          }
          break;
        case 64: // flags
          isEmpty = (fields.low & NO_RECORDED_VALUE) !== 0;
          break;
        default:
          if ([3, 4, 6, 7, 8].includes(fields.field)) throw wrongWire(fields);
      }
    }
    return value === null || isEmpty ? null : { attributes: decodeAttributes(join(attributes)), value, timeUnixNano, isDelta: false };
  }
}
