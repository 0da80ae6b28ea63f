import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { is } from "drizzle-orm";
import { getTableConfig, type IndexedColumn, PgDialect, PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";

let database: TestDatabase;
let tables: ReturnType<typeof getTableConfig>[];
beforeAll(async () => {
  database = await createTestDatabase();
  const files = readdirSync(join(import.meta.dirname, "schema"));
  const modules = await Promise.all(files.map((name) => import(`./schema/${name}`)));
  tables = modules
    .flatMap((module) => Object.values(module).filter((value) => is(value, PgTable)))
    .map((table) => getTableConfig(table as PgTable));
});
afterAll(() => database.close());

test("the tables that queries are written against have the columns that the migrations make", async () => {
  const { rows } = await database.db.$client.query(`
    select relname || '.' || attname || ' ' || format_type(atttypid, null)
        || case when attnotnull then ' not null' else '' end
        || case when atthasdef then ' default' else '' end as line
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition and attnum > 0 and not attisdropped
      and relname <> 'schema_migration'
    order by relname, attnum`);
  const declared = tables.flatMap((table) => {
    // A column of a composite primary key is not null without saying so.
    const keys = new Set(table.primaryKeys.flatMap((key) => key.columns.map((column) => column.name)));
    return table.columns.map((column) => {
      const notNull = column.notNull || keys.has(column.name) ? " not null" : "";
      return `${table.name}.${column.name} ${column.getSQLType()}${notNull}${column.hasDefault ? " default" : ""}`;
    });
  });
  expect(sortByTable(declared)).toEqual(sortByTable(rows.map((row) => row.line)));
});

test("the indexes that the migrations make are the declared ones, so a generated migration adds no others", async () => {
  const { rows } = await database.db.$client.query(`
    select indexrelid::regclass::text || ' ' || pg_get_indexdef(indexrelid) as line
    from pg_index join pg_class on pg_class.oid = indrelid
    where relnamespace = current_schema()::regnamespace and not relispartition and not indisunique`);
  const dialect = new PgDialect();
  const declared = tables.flatMap((table) =>
    table.indexes.map(({ config }) => {
      const columns = (config.columns as IndexedColumn[]).map(
        (column) => `${column.name}${column.indexConfig.order === "desc" ? " DESC" : ""}`,
      );
      const where = config.where ? ` WHERE (${dialect.sqlToQuery(config.where).sql.toUpperCase()})` : "";
      return `${config.name} (${columns.join(", ")})${where}`.toLowerCase();
    }),
  );
  const made = rows.map(({ line }) => line.replace(/^(\S+) .*? USING btree /, "$1 ").toLowerCase());
  expect(declared.sort()).toEqual(made.sort());
});

test("npm run db:generate begins from the last migration: without a change it writes none", () => {
  const out = mkdtempSync(join(tmpdir(), "spanwatch-generate-"));
  cpSync(join(import.meta.dirname, "migrations"), out, { recursive: true });
  const files = readdirSync(out);
  const root = join(import.meta.dirname, "..");
  const kit = join(root, "node_modules/drizzle-kit/bin.cjs");
  const options = ["generate", "--dialect=postgresql", "--schema=./db/schema/*.ts", `--out=${relative(root, out)}`];
  const said = execFileSync(process.execPath, [kit, ...options], { cwd: root, encoding: "utf8" });
  expect(said).toContain("No schema changes");
  expect(readdirSync(out)).toEqual(files);
  rmSync(out, { recursive: true });
});

const sortByTable = (lines: string[]) => lines.map((line) => line.replace(/^(\w+)\./, "$1 ")).sort();
