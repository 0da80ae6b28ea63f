import { openDataDir } from "@/db/embedded/data-dir";
import { startEmbeddedPostgres } from "@/db/embedded/embedded-postgres";

/** Runs the embedded server on the directory that is named, until it is killed: what a Spanwatch leaves behind that was. */
const [path = ""] = process.argv.slice(2);
const server = await startEmbeddedPostgres(await openDataDir(path));
process.stdout.write(`${JSON.stringify({ pid: server.pid(), url: server.url })}\n`);
setInterval(() => {}, 60_000);
