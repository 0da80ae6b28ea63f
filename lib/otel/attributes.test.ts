import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Attribute,
  type AttributeValue,
  decodeAnyValue,
  decodeAttributes,
  encodeKeyValue,
  findAttribute,
  writeKeyValue,
} from "./attributes";
import { BackwardWriter } from "./wire";

const text = (value: string): AttributeValue => ({ type: "string", value });
const stored = (...attributes: Attribute[]) => Buffer.concat(attributes.map(({ key, value }) => encodeKeyValue(key, value, 9)));

const anyText = fc.string({ unit: "binary" });
const { anyValue } = fc.letrec<{ anyValue: AttributeValue; entry: Attribute }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      anyText.map(text),
      fc.boolean().map((value): AttributeValue => ({ type: "bool", value })),
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map((value): AttributeValue => ({ type: "int", value: String(value) })),
      fc.double().map((value): AttributeValue => ({ type: "double", value })),
      fc.uint8Array().map((value): AttributeValue => ({ type: "bytes", value })),
      fc.constant<AttributeValue>({ type: "empty" }),
    ),
    fc.array(tie("anyValue"), { maxLength: 4 }).map((value): AttributeValue => ({ type: "array", value })),
    fc.array(tie("entry"), { maxLength: 4 }).map((value): AttributeValue => ({ type: "kvlist", value })),
  ),
  entry: fc.record({ key: anyText, value: tie("anyValue") }),
}));
const anyAttributes = fc.array(fc.record({ key: fc.oneof(anyText, fc.constantFrom("__proto__", "constructor", "then")), value: anyValue }));

describe("attributes survive being stored", () => {
  test("whatever their keys and values: NUL, int64, NaN, −0, duplicates, empty keys", () => {
    fc.assert(
      fc.property(anyAttributes, (attributes) => {
        const damage = { damaged: false };
        expect(decodeAttributes(stored(...attributes), damage)).toEqual(attributes);
        expect(damage.damaged).toBe(false);
      }),
      { seed: 20261123 },
    );
  });

  test("under whatever field number they stood", () => {
    const bytes = Buffer.concat([1, 3, 6, 9, 16, 5000].map((field) => encodeKeyValue(`k${field}`, text("v"), field)));
    expect(decodeAttributes(bytes).map(({ key }) => key)).toEqual(["k1", "k3", "k6", "k9", "k16", "k5000"]);
  });

  test("numbers keep every digit", () => {
    for (const value of ["9223372036854775807", "-9223372036854775808", "-1", "0", "4294967295", "4294967296", "9007199254740993"]) {
      expect(decodeAttributes(stored({ key: "n", value: { type: "int", value } }))).toEqual([{ key: "n", value: { type: "int", value } }]);
    }
  });
});

describe("one attribute is found by its key", () => {
  const bytes = stored(
    { key: "code.filepath", value: text("worker.py") },
    { key: "ключ", value: text("значение") },
    { key: "code.filepath", value: text("second") },
    { key: "", value: text("no key") },
  );

  test.each([
    ["code.filepath", "worker.py"],
    ["ключ", "значение"],
    ["", "no key"],
  ])("%j", (key, value) => expect(findAttribute(bytes, key)).toEqual(text(value)));

  test("or is null", () => {
    for (const key of ["code.filepat", "code.filepathx", "Code.filepath", "toString"]) expect(findAttribute(bytes, key)).toBeNull();
    expect(findAttribute(new Uint8Array(0), "a")).toBeNull();
  });

  test("the same as decoding all of them finds", () => {
    fc.assert(
      fc.property(anyAttributes, fc.nat(), (attributes, pick) => {
        const key = attributes[pick % (attributes.length + 1)]?.key ?? "absent";
        expect(findAttribute(stored(...attributes), key)).toEqual(attributes.find((attribute) => attribute.key === key)?.value ?? null);
      }),
      { seed: 20261123 },
    );
  });
});

describe("damaged bytes show what can still be read", () => {
  test("what stands before the damage, and that there is some", () => {
    const bytes = Buffer.concat([stored({ key: "a", value: text("1") }), stored({ key: "b", value: text("2") }).subarray(0, 5)]);
    const damage = { damaged: false };
    expect(decodeAttributes(bytes, damage)).toEqual([{ key: "a", value: text("1") }]);
    expect(damage.damaged).toBe(true);
  });

  test("what stands behind one whose inside is damaged", () => {
    const broken = encodeKeyValue("b", text("2"), 9);
    broken[5] = 0x7f;
    const bytes = Buffer.concat([stored({ key: "a", value: text("1") }), broken, stored({ key: "c", value: text("3") })]);
    expect(decodeAttributes(bytes).map(({ key }) => key)).toEqual(["a", "c"]);
  });

  test("values nested deeper than 64 are cut there, however deep they go", () => {
    for (const depth of [64, 65, 20_000]) {
      let value = new Uint8Array(0);
      for (let i = 0; i < depth; i++) {
        const writer = new BackwardWriter(value.length + 32);
        writer.bytes(1, value);
        writer.close(5, 0);
        value = writer.finish().slice();
      }
      const damage = { damaged: false };
      const shown = JSON.stringify(decodeAnyValue(value, damage));
      expect(shown.match(/array/g)?.length).toBe(Math.min(depth, 65));
      expect(damage.damaged).toBe(depth > 64);
    }
  });

  test("any bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        decodeAttributes(bytes);
        decodeAnyValue(bytes);
        findAttribute(bytes, "k");
      }),
      { seed: 20261123, numRuns: 5000 },
    );
  });
});

test("attributes too deep to be read back are not written deeper", () => {
  let value: AttributeValue = { type: "empty" };
  for (let i = 0; i < 300; i++) value = { type: "array", value: [value] };
  const writer = new BackwardWriter();
  writeKeyValue(writer, 1, "deep", value);
  const damage = { damaged: false };
  expect(decodeAttributes(writer.finish(), damage)).toHaveLength(1);
  expect(damage.damaged).toBe(false);
});
