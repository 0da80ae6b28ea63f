import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
const skipped = ["**/node_modules/**", "**/.next/**", "**/.data/**", "**/.cache/**"];

/**
 * Five kinds of tests, told apart by their file names:
 * - `x.test.ts`        unit: pure, in memory, thousands in a second
 * - `x.db.test.ts`     against the embedded Postgres, one database cloned from a migrated template per file
 * - `x.start.test.ts`  starts the whole product, or fails to
 * - `x.crash.test.ts`  kills it under load
 * - `x.fleet.test.ts`  runs hundreds of programs with real SDKs, with faults, and scores what is said of them
 */
export default defineConfig({
  resolve: { alias: { "@": root.replace(/\/$/, "") } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...skipped, "**/*.{db,start,crash,fleet}.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "db",
          include: ["**/*.db.test.ts"],
          exclude: skipped,
          globalSetup: ["./db/testing/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "start",
          include: ["**/*.start.test.ts"],
          exclude: skipped,
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: "crash",
          include: ["**/*.crash.test.ts"],
          exclude: skipped,
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: "fleet",
          include: ["**/*.fleet.test.ts"],
          exclude: skipped,
          fileParallelism: false,
          testTimeout: 1_500_000,
        },
      },
    ],
  },
});
