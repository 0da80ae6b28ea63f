/**
 * One attribute. Keys are data, never paths (reliability-security.md §0.10): lists of these, no objects made from keys. Integers are
 * decimal text, because int64 does not fit a number; doubles keep NaN and ±Infinity.
 */
export interface Attribute {
  key: string;
  value: AttributeValue;
}

export type AttributeValue =
  | { type: "string"; value: string }
  | { type: "bool"; value: boolean }
  | { type: "int"; value: string }
  | { type: "double"; value: number }
  | { type: "bytes"; value: Uint8Array }
  | { type: "array"; value: AttributeValue[] }
  | { type: "kvlist"; value: Attribute[] }
  | { type: "empty" };
