import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeEvents, decodeLinks } from "./events";
import { BackwardWriter } from "./wire";

function message(field: number, write: (writer: BackwardWriter) => void): Uint8Array {
  const writer = new BackwardWriter();
  write(writer);
  writer.close(field, 0);
  return writer.finish().slice();
}

const event = (name: string) =>
  message(11, (writer) => {
    writer.varint(4, 7);
    writer.text(2, name);
    writer.fixed64(1, 18446744073709551615n);
  });
const link = message(13, (writer) => {
  writer.fixed32(6, 0x300);
  writer.varint(5, 2);
  const end = writer.length;
  writer.text(1, "k");
  writer.close(4, end);
  writer.text(3, "a=b");
  writer.bytes(2, Buffer.alloc(8, 2));
  writer.bytes(1, Buffer.alloc(16, 1));
});

describe("events and links are read back", () => {
  test("with all they have", () => {
    expect(decodeEvents(Buffer.concat([event("a"), event("b")]))).toEqual(
      ["a", "b"].map((name) => ({ timeUnixNano: 18446744073709551615n, name, attributes: [], droppedAttributesCount: 7 })),
    );
    expect(decodeLinks(link)).toEqual([
      {
        traceId: "01".repeat(16),
        spanId: "02".repeat(8),
        traceState: "a=b",
        attributes: [{ key: "k", value: { type: "empty" } }],
        droppedAttributesCount: 2,
        flags: 0x300,
      },
    ]);
  });

  test("as far as they are sound", () => {
    const damage = { damaged: false };
    expect(decodeEvents(Buffer.concat([event("a"), event("b").subarray(0, 9)]), damage).map(({ name }) => name)).toEqual(["a"]);
    expect(damage.damaged).toBe(true);
  });

  test("and bytes that are no events at all are told", () => {
    for (const bytes of [Uint8Array.from([8, 1]), Uint8Array.from([0x5a, 2, 0x12, 9])]) {
      const damage = { damaged: false };
      expect(decodeEvents(bytes, damage)).toEqual([]);
      expect(damage.damaged).toBe(true);
    }
  });

  test("from any bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        decodeEvents(bytes);
        decodeLinks(bytes);
      }),
      { seed: 20261123, numRuns: 3000 },
    );
  });
});
