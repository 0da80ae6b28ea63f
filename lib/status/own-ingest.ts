import type { Config } from "@/lib/config";

/** Where the ingest of this machine answers this machine: a server bound to every address is asked by loopback. */
export const ingestHost = ({ host }: Pick<Config, "host">): string => (host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host);

/** The same as the address of OTLP over HTTP. */
export function ingestUrl(config: Pick<Config, "host" | "otlpHttpPort">): string {
  const host = ingestHost(config);
  return `http://${host.includes(":") ? `[${host}]` : host}:${config.otlpHttpPort}`;
}
