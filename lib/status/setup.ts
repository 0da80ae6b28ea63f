import { findFirstTraceId } from "@/db/queries/status";
import type { Context } from "@/lib/auth/context";
import type { Config } from "@/lib/config";

/**
 * Where an SDK should send to, and whether anything came yet. In server mode the machine is the one in PUBLIC_URL, or the one that the
 * reader's browser used (`host`, a Host header), because HOST=0.0.0.0 names none.
 */
export async function readSetup(ctx: Context, config: Config, host: string | null) {
  const firstTraceId = await findFirstTraceId(ctx.db, ctx.viewer.projectId);
  const machine = machineOf(config, host);
  return {
    mode: config.mode,
    httpEndpoint: `http://${machine}:${config.otlpHttpPort}`,
    grpcEndpoint: `http://${machine}:${config.otlpGrpcPort}`,
    hasTraces: firstTraceId !== null,
    firstTraceId,
  };
}

function machineOf(config: Config, host: string | null): string {
  if (config.mode === "local") return "localhost";
  const address = config.publicUrl ?? `http://${host ?? config.host}`;
  return URL.canParse(address) ? new URL(address).hostname : config.host;
}
