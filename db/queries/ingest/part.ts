/** A value of a statement as it goes over the wire: binary arrays as Buffers, single values as text. */
export type Value = string | Buffer | null;

/**
 * The rows of one table in a statement that writes several tables: its SQL, given the number of its first parameter, and its values.
 * `$1` is the project everywhere.
 */
export interface Part<Rows> {
  /** How many parameters it takes. */
  size: number;
  sql(from: number): string;
  values(rows: Rows): Value[];
}

/** `unnest($5::int8[], $6::text[])` for arrays that begin at parameter `from`. */
export const unnest = (from: number, types: readonly string[]): string =>
  `unnest(${types.map((type, i) => `$${from + i}::${type}[]`).join(", ")})`;
