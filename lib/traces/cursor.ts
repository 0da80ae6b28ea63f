import { z } from "zod";
import { AppError } from "@/lib/errors";

/** Where a list goes on, as an opaque text for a URL. */
export const writeCursor = (place: readonly (string | number)[]): string => Buffer.from(JSON.stringify(place)).toString("base64url");

/**
 * The place that a cursor stands for; null when there is no cursor.
 * @throws AppError `invalid_request` for a text that no list of this kind gave out.
 */
export function readCursor<T>(cursor: string | undefined, place: z.ZodType<T>): T | null {
  if (cursor === undefined) return null;
  const parsed = place.safeParse(parseJson(Buffer.from(cursor, "base64url").toString()));
  if (!parsed.success) {
    throw new AppError("invalid_request", "The cursor is not one that this list gave out.", {
      errors: [{ path: "cursor", message: "expected the nextCursor of the page before" }],
    });
  }
  return parsed.data;
}

/** Parts of places: Unix ms, an int8 as text, and ids as we write them. */
export const place = {
  ms: z.int().min(0).max(8.64e15),
  int8: z.string().regex(/^-?\d{1,19}$/),
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  text: z.string().max(200),
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** One page of a list that was asked for one more than fits, which tells whether there is a next page. */
export function pageOf<T>(rows: readonly T[], limit: number, placeOf: (last: T) => readonly (string | number)[]) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? writeCursor(placeOf(last)) : null };
}
