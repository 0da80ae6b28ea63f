import { z } from "zod";

export const HexTraceId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, "32 lower-case hex digits")
  .meta({ id: "TraceId" });
export const HexSpanId = z
  .string()
  .regex(/^[0-9a-f]{16}$/, "16 lower-case hex digits")
  .meta({ id: "SpanId" });
/** Ids as people paste them, in addresses: upper case and the dashes of a UUID do no harm. */
const pasted = (text: string) => text.replaceAll("-", "").toLowerCase();
export const TraceIdParam = z.string().max(100).transform(pasted).pipe(HexTraceId).describe("A trace id, 32 hex digits.");
export const SpanIdParam = z.string().max(100).transform(pasted).pipe(HexSpanId).describe("A span id, 16 hex digits.");
/** Unsigned 64-bit ns since 1970 as decimal text. */
export const UnixNanoText = z
  .string()
  .regex(/^\d{1,20}$/, "nanoseconds since 1970 as decimal digits")
  .meta({ id: "UnixNano" });
/** RFC 3339 with ms. */
export const Moment = z.iso.datetime({ precision: 3 }).meta({ id: "Moment" });
/** Ids of our own tables: decimal text of an int8. */
export const OwnId = z.string().regex(/^-?\d+$/);

export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** Body of every error (RFC 9457). */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;

export const Page = {
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
};

export const AttributeJson = z
  .object({
    key: z.string(),
    type: z.enum(["string", "bool", "int", "double", "bytes", "array", "kvlist", "empty"]),
    /** Text as shown: strings as they are, int64 as digits, doubles with NaN and ±Infinity in words, bytes in base64, the rest as JSON. */
    value: z.string(),
  })
  .meta({ id: "Attribute" });
export type AttributeJson = z.infer<typeof AttributeJson>;
