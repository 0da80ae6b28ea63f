import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "@/lib/config";
import { StartError } from "@/lib/errors";

/** The ports that a role listens on, by the setting that chooses them. */
function portsOf(config: Config): Map<string, number> {
  const web = [["PORT", config.port]] as const;
  const ingest = [
    ["OTLP_HTTP_PORT", config.otlpHttpPort],
    ["OTLP_GRPC_PORT", config.otlpGrpcPort],
  ] as const;
  return new Map({ all: [...web, ...ingest], web, ingest, scheduler: [] }[config.role]);
}

/**
 * Checks that nobody else listens on our ports, before anything is started. Up to `patienceMs` are given to the parts of an earlier run
 * that was killed, which notice it and end.
 * @throws StartError naming the port and its setting.
 */
export async function checkPorts(config: Config, patienceMs: number): Promise<void> {
  const ports = portsOf(config);
  const used = new Map<number, string>();
  for (const [setting, port] of ports) {
    const other = used.get(port);
    if (other) throw new StartError(`${setting}="${port}" is wrong: ${other} is the same port.`);
    used.set(port, setting);
  }
  for (const [setting, port] of ports) {
    const deadline = Date.now() + patienceMs;
    let error = await tryPort(config.host, port);
    while (error?.code === "EADDRINUSE" && Date.now() < deadline) {
      await sleep(200);
      error = await tryPort(config.host, port);
    }
    if (error) throw new StartError(complaint(error, setting, port, config.host), { cause: error });
  }
}

function complaint(error: NodeJS.ErrnoException, setting: string, port: number, host: string): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${port} is taken: another program listens on ${host}:${port}. Stop it, or choose another port with ${setting}.`;
    case "EACCES":
      return `Port ${port} may not be used by this user: choose one above 1023 with ${setting}.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `HOST="${host}" is wrong: expected an address of this machine.`;
    default:
      return `Port ${port} (${setting}) cannot be listened on: ${error.message}.`;
  }
}

function tryPort(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}
