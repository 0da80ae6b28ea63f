import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type Db, openDatabase } from "@/db/client";
import type {} from "./global-setup";

export interface TestDatabase {
  db: Db;
  url: string;
  /** Closes the pool and drops the database. */
  close: () => Promise<void>;
}

/**
 * A database of the test file's own: empty, migrated, with partitions around today, cloned from the run's template.
 *
 *     const database = await createTestDatabase();
 *     afterAll(() => database.close());
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(inject("templateDatabaseUrl"));
  const name = `test_${randomBytes(6).toString("hex")}`;
  await administer(template, `create database ${name} template ${template.pathname.slice(1)}`);
  const url = withDatabase(template, name);
  const db = openDatabase(url, { max: 5, statementTimeoutMs: 0, applicationName: name });
  const close = async () => {
    await db.$client.end();
    await administer(template, `drop database ${name} with (force)`);
  };
  return { db, url, close };
}

async function administer(template: URL, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(template, "postgres") });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(template: URL, name: string): string {
  const url = new URL(template);
  url.pathname = `/${name}`;
  return url.href;
}
