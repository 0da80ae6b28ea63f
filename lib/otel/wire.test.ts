import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { BackwardWriter, FieldCursor, readDouble, readInt64, readText, uint64Of, WireFault } from "./wire";

const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

function first(bytes: Uint8Array): FieldCursor {
  const fields = new FieldCursor(bytes);
  expect(fields.next()).toBe(true);
  return fields;
}

describe("numbers are read as others write them", () => {
  test("varints of 64 bits", () => {
    fc.assert(
      fc.property(uint64, (value) => {
        const fields = first(protobuf.Writer.create().uint32(8).uint64(String(value)).finish());
        expect(uint64Of(fields.high, fields.low)).toBe(value);
        expect(readInt64(fields.high, fields.low)).toBe(String(BigInt.asIntN(64, value)));
      }),
    );
  });

  test("fixed numbers and doubles", () => {
    fc.assert(
      fc.property(uint64, fc.double(), fc.integer({ min: 0, max: 0xffffffff }), (fixed, double, word) => {
        const fields = new FieldCursor(
          protobuf.Writer.create().uint32(9).fixed64(String(fixed)).uint32(17).double(double).uint32(29).fixed32(word).finish(),
        );
        fields.next();
        expect(uint64Of(fields.high, fields.low)).toBe(fixed);
        fields.next();
        expect(readDouble(fields.high, fields.low)).toBe(double);
        fields.next();
        expect([fields.low, fields.high]).toEqual([word, 0]);
      }),
    );
  });

  test("varints padded with zeros", () => {
    const fields = first(Uint8Array.from([0x08, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]));
    expect([fields.low, fields.high]).toEqual([1, 0]);
  });
});

describe("what we write others read", () => {
  test("fields of every kind, in the order they were asked to stand in", () => {
    fc.assert(
      fc.property(
        uint64,
        fc.string({ unit: "binary" }),
        fc.double(),
        fc.integer({ min: 0, max: 0xffffffff }),
        (big, text, double, word) => {
          const writer = new BackwardWriter(1);
          writer.fixed32(6, word);
          writer.double(5, double);
          writer.text(4, text);
          writer.fixed64(3, big);
          writer.varint64(2, big);
          writer.varint(1, word);
          const reader = protobuf.Reader.create(writer.finish());
          expect([reader.uint32(), reader.uint32()]).toEqual([8, word]);
          expect([reader.uint32(), String(reader.uint64())]).toEqual([16, String(big)]);
          expect([reader.uint32(), String(reader.fixed64())]).toEqual([25, String(big)]);
          expect([reader.uint32(), reader.string()]).toEqual([34, text]);
          expect([reader.uint32(), reader.double()]).toEqual([41, double]);
          expect([reader.uint32(), reader.fixed32()]).toEqual([53, word]);
          expect(reader.pos).toBe(reader.len);
        },
      ),
    );
  });

  test("half a surrogate pair as a byte that is no text", () => {
    const writer = new BackwardWriter();
    writer.text(1, "a\ud800b");
    expect([...writer.finish()]).toEqual([10, 3, 0x61, 0xff, 0x62]);
  });

  test("what is taken back is gone", () => {
    const writer = new BackwardWriter(4);
    writer.text(1, "kept");
    const length = writer.length;
    writer.text(1, "a longer text than there was room for");
    writer.rewind(length);
    expect(readText(writer.finish(), 2, 6)).toBe("kept");
    expect(writer.length).toBe(length);
  });
});

describe("bytes that are no protobuf are told", () => {
  test.each([
    ["a varint without end", [0x08, 0x80], "truncated varint"],
    ["a varint of eleven bytes", [0x08, ...Array.from({ length: 10 }, () => 0xff), 0x01], "varint of more than 10 bytes"],
    ["half a number", [0x09, 1, 2, 3], "truncated fixed value"],
    ["a length beyond the end", [0x0a, 5, 1], "length runs past the end"],
    ["a length of 4 GiB", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], "length runs past the end"],
    ["a length of 2^63", [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "length runs past the end"],
    ["wire type 7", [0x0f], "bad wire type 7"],
    ["the end of a group that never began", [0x0c], "bad wire type 4"],
    ["field number 0", [0x02, 0], "bad field number"],
    ["a field number beyond 29 bits", [0x80, 0x80, 0x80, 0x80, 0x10, 0], "bad field number"],
    ["a group without end", [0x0b, 0x08, 0x01], "group without end"],
    ["a group closed by another", [0x0b, 0x14], "group closed by another field"],
  ])("%s", (_, bytes, reason) => {
    expect(() => new FieldCursor(Uint8Array.from(bytes)).next()).toThrow(WireFault);
    expect(() => new FieldCursor(Uint8Array.from(bytes)).next()).toThrow(reason);
  });

  test("a group with its end is one field, whatever is in it", () => {
    const fields = new FieldCursor(Uint8Array.from([0x0b, 0x10, 0x01, 0x1b, 0x1c, 0x0c, 0x08, 0x05]));
    expect([fields.next(), fields.field, fields.wire, fields.at]).toEqual([true, 1, 3, 6]);
    expect([fields.next(), fields.low]).toEqual([true, 5]);
    expect(fields.next()).toBe(false);
  });
});

test("text that is no UTF-8 shows where, long or short", () => {
  expect(readText(Uint8Array.from([0x61, 0xff]), 0, 2)).toBe("a\ufffd");
  const long = Buffer.from(`${"é".repeat(100)}\0`);
  expect(readText(long, 0, long.length)).toBe(`${"é".repeat(100)}\0`);
});
