import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "@/lib/config";

const POLL_EVERY_MS = 50;

/** The address at which this machine reaches what listens on `host`. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "::1";
  return host;
}

/** As it stands in a URL. */
export const urlHost = (host: string) => (host.includes(":") ? `[${host}]` : host);

/** Whether the web server renders and reaches the database: its own health check says so. */
export async function isWebHealthy(config: Config): Promise<boolean> {
  try {
    const url = `http://${urlHost(reachableHost(config.host))}:${config.port}/api/health`;
    // In development the first answer waits for the compiler.
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether something accepts connections there. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: reachableHost(host), port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Settles when `isReady` says so; never, once `hasEnded`. */
export async function poll(isReady: () => Promise<boolean>, hasEnded: () => boolean): Promise<void> {
  while (!(await isReady())) {
    await sleep(POLL_EVERY_MS);
    if (hasEnded()) await new Promise<never>(() => {});
  }
}
