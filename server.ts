import { parseArgs } from "node:util";
import { readConfig } from "@/lib/config";
import { StartError } from "@/lib/errors";
import { supervise } from "@/lib/supervisor/supervise";

/**
 * What `npm start` runs: web, ingest and scheduler, one fate. `--role=web|ingest|scheduler` runs one of them; `--dev` reloads them when
 * their files change.
 */
async function main(): Promise<number> {
  const { role, dev } = readArguments();
  const config = readConfig({ ...process.env, SPANWATCH_ROLE: role ?? process.env.SPANWATCH_ROLE });
  return await supervise(config, dev);
}

function readArguments(): { role?: string; dev: boolean } {
  try {
    return parseArgs({ options: { role: { type: "string" }, dev: { type: "boolean", default: false } } }).values;
  } catch (cause) {
    throw new StartError((cause as Error).message, { cause });
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof StartError ? error.message : error);
  return 1;
});
process.exit();
