import fc from "fast-check";
import protobuf from "protobufjs";

/**
 * Valid OTLP requests of any shape for property tests, as bytes whose fields stand in any order, repeated ones torn apart: OTLP allows
 * it, the Collector does it (wire.md §15). Written with protobufjs' Writer, not with ours.
 */

type Field = fc.Arbitrary<Uint8Array>;
type Write = (writer: protobuf.Writer) => protobuf.Writer;

const written = (write: Write): Uint8Array => Uint8Array.from(write(protobuf.Writer.create()).finish());

const text = (number: number, value: fc.Arbitrary<string> = anyText): Field =>
  value.map((content) => written((writer) => writer.uint32(number * 8 + 2).string(content)));
const raw = (number: number, value: fc.Arbitrary<Uint8Array>): Field =>
  value.map((content) => written((writer) => writer.uint32(number * 8 + 2).bytes(content)));
const varint = (number: number, value: fc.Arbitrary<number>): Field =>
  value.map((content) => written((writer) => writer.uint32(number * 8).uint32(content)));
const fixed32 = (number: number, value: fc.Arbitrary<number>): Field =>
  value.map((content) => written((writer) => writer.uint32(number * 8 + 5).fixed32(content)));
const fixed64 = (number: number, value: fc.Arbitrary<bigint>): Field =>
  value.map((content) => written((writer) => writer.uint32(number * 8 + 1).fixed64(String(content))));
const nested = (number: number, content: fc.Arbitrary<Uint8Array>): Field => raw(number, content);

/** A message of these fields, each there or not, in any order. */
const message = (...fields: { field: Field; times: number; always?: boolean }[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(...fields.map(({ field, times, always }) => fc.array(field, { minLength: always ? times : 0, maxLength: times })))
    .chain((lists) => {
      const all = lists.flat();
      return fc.shuffledSubarray(all, { minLength: all.length }).map((parts) => Uint8Array.from(Buffer.concat(parts)));
    });
const once = (field: Field) => ({ field, times: 1 });
const always = (field: Field) => ({ field, times: 1, always: true });
const upTo = (times: number, field: Field) => ({ field, times });

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ maxLength: 12 }),
  fc.constantFrom("x".repeat(130), "é".repeat(80)),
);
const DANGEROUS = ["__proto__", "constructor.prototype", "constructor", "toString", "then", "valueOf", "hasOwnProperty"];
const anyKey = fc.oneof(anyText, fc.constantFrom(...DANGEROUS), fc.constantFrom("http.route", "logfire.other", "partial.x", "_dd.p"));
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 1_700_000_000_000_000_000n, max: 1_700_000_000_000_001_000n }),
);

const int64Field = (number: number): Field =>
  fc
    .oneof(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), fc.bigInt({ min: 0n, max: 200n }))
    .map((value) => written((writer) => writer.uint32(number * 8).int64(String(value))));
const doubleField = (number: number): Field => fc.double().map((value) => written((writer) => writer.uint32(number * 8 + 1).double(value)));

const { anyValue } = fc.letrec<{ anyValue: Uint8Array; keyValue: Uint8Array }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    fc.oneof(
      text(1),
      varint(2, fc.integer({ min: 0, max: 1 })),
      int64Field(3),
      doubleField(4),
      raw(7, fc.uint8Array({ maxLength: 9 })),
      fc.constant(new Uint8Array(0)),
    ),
    message(upTo(3, nested(1, tie("anyValue")))).map((list) => written((writer) => writer.uint32(42).bytes(list))),
    message(upTo(3, nested(1, tie("keyValue")))).map((list) => written((writer) => writer.uint32(50).bytes(list))),
  ),
  keyValue: message(once(text(1, anyKey)), once(nested(2, tie("anyValue")))),
}));
const keyValue = message(once(text(1, anyKey)), once(nested(2, anyValue)));

const id = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => bytes.map((byte, i) => (i === 0 ? byte | 1 : byte)));

const event = message(once(fixed64(1, uint64)), once(text(2)), upTo(3, nested(3, keyValue)), once(varint(4, uint32)));
const link = message(
  once(raw(1, id(16))),
  once(raw(2, id(8))),
  once(text(3)),
  upTo(3, nested(4, keyValue)),
  once(varint(5, uint32)),
  once(fixed32(6, uint32)),
);

const span = message(
  always(raw(1, id(16))),
  always(raw(2, id(8))),
  once(text(3)),
  once(raw(4, fc.oneof(id(8), fc.constant(new Uint8Array(8)), fc.constant(new Uint8Array(0))))),
  once(text(5)),
  once(varint(6, fc.integer({ min: 0, max: 5 }))),
  once(fixed64(7, uint64)),
  once(
    fixed64(
      8,
      uint64.map((time) => time | 1n),
    ),
  ),
  upTo(6, nested(9, keyValue)),
  once(varint(10, fc.integer({ min: 0, max: 1000 }))),
  upTo(3, nested(11, event)),
  once(varint(12, fc.integer({ min: 0, max: 1000 }))),
  upTo(3, nested(13, link)),
  once(varint(14, fc.integer({ min: 0, max: 1000 }))),
  once(nested(15, message(once(text(2)), once(varint(3, fc.integer({ min: 0, max: 2 })))))),
  once(fixed32(16, uint32)),
  once(text(99)),
  once(varint(1000, uint32)),
);

const logRecord = message(
  once(fixed64(1, uint64)),
  once(varint(2, fc.integer({ min: 0, max: 24 }))),
  once(text(3)),
  once(nested(5, anyValue)),
  upTo(6, nested(6, keyValue)),
  once(varint(7, uint32)),
  once(fixed32(8, uint32)),
  once(raw(9, id(16))),
  once(raw(10, id(8))),
  once(fixed64(11, uint64)),
  once(text(12)),
);

const resource = message(upTo(4, nested(1, keyValue)), once(varint(2, uint32)));
const scope = message(once(text(1)), once(text(2)), upTo(3, nested(3, keyValue)));

const request = (record: fc.Arbitrary<Uint8Array>) => {
  const scopeGroup = message(once(nested(1, scope)), upTo(4, nested(2, record)), once(text(3)));
  return message(upTo(3, nested(1, message(once(nested(1, resource)), upTo(3, nested(2, scopeGroup)), once(text(3))))));
};

export const anyTracesRequest = request(span);
export const anyLogsRequest = request(logRecord);
