import { type FieldCursor, readDouble, readInt64, readText } from "@/lib/otel/wire";

/** Text of an AnyValue that is a string, else null. The cursor stands at the beginning of the value and is used up. */
export function textOf(value: FieldCursor): string | null {
  let text: string | null = null;
  while (value.next()) if (value.field === 1) text = readText(value.bytes, value.valueAt, value.valueEnd);
  return text;
}

/** A number, be it an int, a double or a string of digits; else null. */
export function numberOf(value: FieldCursor): number | null {
  let number: number | null = null;
  while (value.next()) {
    if (value.field === 3) number = Number(readInt64(value.high, value.low));
    else if (value.field === 4) number = readDouble(value.high, value.low);
    else if (value.field === 1) number = Number.parseFloat(readText(value.bytes, value.valueAt, value.valueEnd));
  }
  return number === null || Number.isNaN(number) ? null : number;
}

/** Whether an AnyValue says no: false, 0 or "false". */
export function isFalse(value: FieldCursor): boolean {
  let no = false;
  while (value.next()) {
    if (value.field === 1) no = readText(value.bytes, value.valueAt, value.valueEnd) === "false";
    else no = value.high === 0 && value.low === 0;
  }
  return no;
}

/** Where the text of an AnyValue stands, if it is a string. */
export function stringPlace(value: FieldCursor): { at: number; length: number } | null {
  let place: { at: number; length: number } | null = null;
  while (value.next()) if (value.field === 1) place = { at: value.valueAt, length: value.valueEnd - value.valueAt };
  return place;
}
