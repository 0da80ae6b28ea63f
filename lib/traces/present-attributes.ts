import type { AttributeJson } from "@/lib/api/contract/common";
import type { Attribute, AttributeValue } from "@/lib/otel/attributes";

/** Attributes as they are shown; order and duplicate keys stay as they were sent. */
export const presentAttributes = (attributes: readonly Attribute[]): AttributeJson[] =>
  attributes.map(({ key, value }) => ({ key, type: value.type, value: attributeText(value) }));

/** A value as one text: what is shown, and what a search compares with. */
export function attributeText(value: AttributeValue): string {
  switch (value.type) {
    case "string":
    case "int":
      return value.value;
    case "bool":
      return value.value ? "true" : "false";
    case "double":
      // −0 is −0: String would lose its sign.
      return Object.is(value.value, -0) ? "-0" : String(value.value);
    case "bytes":
      return Buffer.from(value.value).toString("base64");
    case "array":
    case "kvlist":
      return jsonOf(value);
    case "empty":
      return "";
  }
}

/** JSON written by hand: keys may repeat or be `__proto__`, and int64 and NaN have no JSON value of their own. */
function jsonOf(value: AttributeValue): string {
  switch (value.type) {
    case "array":
      return `[${value.value.map(jsonOf).join(",")}]`;
    case "kvlist":
      return `{${value.value.map((entry) => `${JSON.stringify(entry.key)}:${jsonOf(entry.value)}`).join(",")}}`;
    case "int":
      return value.value;
    case "bool":
      return attributeText(value);
    case "double":
      return Number.isFinite(value.value) ? attributeText(value) : JSON.stringify(String(value.value));
    case "empty":
      return "null";
    default:
      return JSON.stringify(attributeText(value));
  }
}
