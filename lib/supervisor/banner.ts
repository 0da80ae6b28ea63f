import { hostname } from "node:os";
import type { FirstKeys } from "@/lib/auth/first-keys";
import type { Config } from "@/lib/config";
import { urlHost } from "./readiness";

const WILDCARDS = new Set(["0.0.0.0", "::"]);

/** What is printed once everything serves: where to look, and lines to copy into the shell of the program that is to be traced. */
export function banner(config: Config, keys: FirstKeys | null): string {
  const host = config.publicUrl ? new URL(config.publicUrl).hostname : urlHost(WILDCARDS.has(config.host) ? hostname() : config.host);
  const url = config.publicUrl ?? `http://${host}:${config.port}`;
  const otlp = `http://${host}:${config.otlpHttpPort}`;
  // Local mode takes any token; the Logfire SDK wants to see one.
  const key = config.mode === "local" ? "local" : (keys?.ingestKey ?? "<an ingest key>");
  const lines = [
    "",
    `Spanwatch is ready: ${url}`,
    "",
    "Any OpenTelemetry SDK:",
    `  OTEL_EXPORTER_OTLP_ENDPOINT=${otlp}`,
    "  OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    ...(config.mode === "local" ? [] : [`  OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${key}`]),
    `  (gRPC: port ${config.otlpGrpcPort})`,
    "Pydantic Logfire:",
    `  LOGFIRE_BASE_URL=${otlp} LOGFIRE_TOKEN=${key}`,
    "",
    ...(keys ? keyLines(keys) : []),
    ...(config.mode === "server" && !url.startsWith("https:")
      ? ["Traffic is not encrypted: put a proxy with TLS in front and set PUBLIC_URL (docs/operating.md).", ""]
      : []),
  ];
  return lines.join("\n");
}

const keyLines = (keys: FirstKeys) => [
  "First start: these keys are shown once.",
  `  to send:    ${keys.ingestKey}   (also in ${keys.ingestKeyFile})`,
  `  to sign in: ${keys.adminKey}   (also in ${keys.adminKeyFile})`,
  "",
];
