/**
 * One-dimensional Postgres arrays in the binary format of `array_recv`. A parameter that is a Buffer goes to the server as it is, so
 * thousands of rows reach `unnest` without being written and parsed as text.
 */
const OID = { bytea: 17, int8: 20, int2: 21, int4: 23, text: 25, uuid: 2950, bool: 16 } as const;
const HEADER_BYTES = 20;

function header(array: Buffer, oid: number, count: number, hasNulls: boolean): void {
  array.writeInt32BE(count === 0 ? 0 : 1, 0);
  array.writeInt32BE(hasNulls ? 1 : 0, 4);
  array.writeInt32BE(oid, 8);
  if (count === 0) return;
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
}

const sized = (count: number, elementBytes: number): Buffer =>
  Buffer.allocUnsafe(count === 0 ? 12 : HEADER_BYTES + count * (4 + elementBytes));

/** `int8[]` of ids and 64-bit times. */
export function int8Array(values: readonly (bigint | null)[]): Buffer {
  const array = sized(values.length, 8);
  header(array, OID.int8, values.length, values.includes(null));
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(value === null ? -1 : 8, at);
    at += 4;
    if (value !== null) at = array.writeBigInt64BE(BigInt.asIntN(64, value), at);
  }
  return array.subarray(0, values.length === 0 ? 12 : at);
}

/** `int8[]` of moments in Unix ms and counts: whole numbers that a double holds. */
export function msArray(values: readonly (number | null)[]): Buffer {
  const array = sized(values.length, 8);
  header(array, OID.int8, values.length, values.includes(null));
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(value === null ? -1 : 8, at);
    at += 4;
    if (value === null) continue;
    array.writeInt32BE(Math.floor(value / 2 ** 32), at);
    array.writeUInt32BE(value >>> 0, at + 4);
    at += 8;
  }
  return array.subarray(0, values.length === 0 ? 12 : at);
}

/** `int4[]`. */
export function int4Array(values: readonly number[]): Buffer {
  const array = sized(values.length, 4);
  header(array, OID.int4, values.length, false);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(4, at);
    array.writeInt32BE(value, at + 4);
    at += 8;
  }
  return array;
}

/** `bool[]`. */
export function boolArray(values: readonly boolean[]): Buffer {
  const array = sized(values.length, 1);
  header(array, OID.bool, values.length, false);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(1, at);
    array[at + 4] = value ? 1 : 0;
    at += 5;
  }
  return array;
}

/** `uuid[]` of values of 16 bytes each. */
export const uuidArray = (values: readonly Uint8Array[]): Buffer => bytesArray(OID.uuid, values);

/** `bytea[]`. */
export const byteaArray = (values: readonly (Uint8Array | null)[]): Buffer => bytesArray(OID.bytea, values);

/** `text[]`; the texts must be free of NUL. */
export const textArray = (values: readonly (string | null)[]): Buffer =>
  bytesArray(
    OID.text,
    values.map((value) => (value === null ? null : Buffer.from(value))),
  );

function bytesArray(oid: number, values: readonly (Uint8Array | null)[]): Buffer {
  let total = HEADER_BYTES;
  for (const value of values) total += 4 + (value?.length ?? 0);
  const array = Buffer.allocUnsafe(values.length === 0 ? 12 : total);
  header(array, oid, values.length, values.includes(null));
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(value === null ? -1 : value.length, at);
    at += 4;
    if (value === null) continue;
    array.set(value, at);
    at += value.length;
  }
  return array;
}

/** `int8[]` of 64-bit values in two halves; NULL where `isNull` is set. */
export function halvesArray(high: Uint32Array, low: Uint32Array, isNull: Uint8Array, count: number): Buffer {
  const array = sized(count, 8);
  header(array, OID.int8, count, true);
  let at = HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    array.writeInt32BE(isNull[i] ? -1 : 8, at);
    at += 4;
    if (isNull[i]) continue;
    array.writeUInt32BE(high[i] as number, at);
    array.writeUInt32BE(low[i] as number, at + 4);
    at += 8;
  }
  return array.subarray(0, count === 0 ? 12 : at);
}

/** `uuid[]` of `count` ids that lie one after the other. */
export function packedUuidArray(ids: Uint8Array, count: number): Buffer {
  const array = sized(count, 16);
  header(array, OID.uuid, count, false);
  for (let i = 0, at = HEADER_BYTES; i < count; i++, at += 20) {
    array.writeInt32BE(16, at);
    array.set(ids.subarray(i * 16, i * 16 + 16), at + 4);
  }
  return array;
}
