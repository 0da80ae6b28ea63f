import { bigint, customType } from "drizzle-orm/pg-core";

/** A moment by this server's clock, in Unix ms. */
export const unixMs = (name: string) => bigint(name, { mode: "number" });

/** The 64 bits that OTLP sent, unsigned: a moment past 2262 looks negative to SQL. */
export const unixNano = (name: string) => bigint(name, { mode: "bigint" });

/** An id that we made: the first 8 bytes of a hash, or random. */
export const int8Id = (name: string) => bigint(name, { mode: "bigint" });

export const bytes = customType<{ data: Buffer }>({ dataType: () => "bytea" });
