import pg from "pg";
import type { Db } from "@/db/client";

/**
 * Runs a prepared statement. Statements are prepared once a connection: planning over a month of partitions costs more than most reads
 * (performance.md §2.5). Values come as our words have them, made by parsers that build nothing twice:
 *
 * - int8 is decimal text (cast to float8 in SQL where a number is wanted: ms, counts),
 * - bytea is lower-case hex without `\x` (span ids, hashes); read bytes that are to be decoded with `bytesOf`,
 * - uuid is 32 lower-case hex digits.
 *
 * @param name says what is read; one name always stands for one text.
 */
export async function readRows<Row extends object>(db: Db, name: string, text: string, values: unknown[]): Promise<Row[]> {
  const { rows } = await db.$client.query<Row>({ name, text, values, types: OUR_TYPES });
  return rows;
}

/** As `readRows`, but each row is an array of its columns: twice as fast where there are thousands. */
export async function readTuples<Tuple extends unknown[]>(db: Db, name: string, text: string, values: unknown[]): Promise<Tuple[]> {
  const { rows } = await db.$client.query<Tuple>({ name, text, values, types: OUR_TYPES, rowMode: "array" });
  return rows;
}

/** The bytes of a bytea that came as hex. */
export const bytesOf = (hex: string | null): Uint8Array => (hex === null ? new Uint8Array() : Buffer.from(hex, "hex"));

const { builtins } = pg.types;
const withoutDashes = (text: string): string => text.replaceAll("-", "");
const asIs = (text: string): string => text;
const afterBackslashX = (text: string): string => text.slice(2);

const OUR_PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.INT8, asIs],
  [builtins.BYTEA, afterBackslashX],
  [builtins.UUID, withoutDashes],
]);
const OUR_TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    OUR_PARSERS.get(oid) ??
    (format === "binary" ? pg.types.getTypeParser(oid, "binary") : pg.types.getTypeParser(oid, "text"))) as typeof pg.types.getTypeParser,
};
