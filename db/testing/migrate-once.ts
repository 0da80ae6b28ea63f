import { migrate } from "@/db/migrate";

/** A start that migrates and can be killed while it does: `migrate-once.ts <url> <directory>`. */
const [url = "", directory] = process.argv.slice(2);
await migrate(url, directory);
