/**
 * What a failed write means for whoever asked for it (reliability-security.md pitfall 15):
 * `data`: these very rows cannot be stored, now or later. `conflict`: two writers met; try again at once. `away`: the database cannot take
 * anything just now (no connection, no room, shutting down, a partition missing); try again later.
 */
export type Trouble = "data" | "conflict" | "away";

/** Classes of SQLSTATE that speak of the data: values, constraints, and sizes (an index entry that is too long). */
const DATA = /^(22|23|54)/;
const CONFLICT = /^40/;
const NO_PARTITION = /no partition of relation/;

export function troubleOf(error: unknown): Trouble {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return "away";
  if (CONFLICT.test(code)) return "conflict";
  // Postgres calls it a violated constraint; it is ours to make partitions.
  if (NO_PARTITION.test(String(message))) return "away";
  return DATA.test(code) ? "data" : "away";
}
