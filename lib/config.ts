import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { StartError } from "./errors";

export type Role = "all" | "web" | "ingest" | "scheduler";

/** Every setting of design §9, parsed. No other file reads the environment. */
export interface Config {
  role: Role;
  /** Null: run the embedded Postgres in `dataDir`. */
  databaseUrl: string | null;
  dataDir: string;
  host: string;
  port: number;
  otlpHttpPort: number;
  otlpGrpcPort: number;
  publicUrl: string | null;
  authSecret: string | null;
  settleMs: number;
  retentionDays: number;
  maxBodyBytes: number;
  webhookAllowCidrs: string[];
  /** `local`: bound to loopback and no PUBLIC_URL, so no sign-in and keys are optional (design, decision 10). */
  mode: "local" | "server";
}

/** Where the pages are, for programs on this machine and for links; without a slash at the end. */
export const webUrlOf = ({ publicUrl, port }: Pick<Config, "publicUrl" | "port">): string => publicUrl ?? `http://127.0.0.1:${port}`;

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1"]);
const ROLES: readonly string[] = ["all", "web", "ingest", "scheduler"];
/** Of lib/logger.ts, which reads LOG_LEVEL itself: it works before, and without, the other settings. */
export const LOG_LEVELS: readonly string[] = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/**
 * Reads the settings from the environment; secrets may also be given as files (`*_FILE`).
 * @throws StartError naming the variable, its value and what was expected.
 */
export function readConfig(env: Environment = process.env): Config {
  const host = env.HOST || "127.0.0.1";
  const publicUrl = url(env, "PUBLIC_URL");
  const role = env.SPANWATCH_ROLE || "all";
  if (!ROLES.includes(role)) throw wrong("SPANWATCH_ROLE", role, "one of all, web, ingest, scheduler");
  const logLevel = env.LOG_LEVEL || "info";
  if (!LOG_LEVELS.includes(logLevel)) throw wrong("LOG_LEVEL", logLevel, `one of ${LOG_LEVELS.join(", ")}`);
  const databaseUrl = secret(env, "DATABASE_URL");
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw wrong("DATABASE_URL", databaseUrl.replace(/\/\/[^@]*@/, "//[secret]@"), "a postgres:// address");
  }
  return {
    role: role as Role,
    databaseUrl,
    dataDir: resolve(/* turbopackIgnore: true */ env.DATA_DIR || ".data"),
    host,
    port: integer(env, "PORT", 3000, 1, 65_535),
    otlpHttpPort: integer(env, "OTLP_HTTP_PORT", 4318, 1, 65_535),
    otlpGrpcPort: integer(env, "OTLP_GRPC_PORT", 4317, 1, 65_535),
    publicUrl,
    authSecret: secret(env, "AUTH_SECRET"),
    settleMs: integer(env, "SPANWATCH_SETTLE_MS", 30_000, 100, 3_600_000),
    retentionDays: integer(env, "SPANWATCH_RETENTION_DAYS", 30, 1, 3650),
    maxBodyBytes: integer(env, "SPANWATCH_MAX_BODY_MIB", 64, 1, 1024) * 1024 * 1024,
    webhookAllowCidrs: (env.WEBHOOK_ALLOW_CIDRS || "")
      .split(",")
      .map((text) => text.trim())
      .filter(Boolean),
    mode: LOOPBACK.has(host) && publicUrl === null ? "local" : "server",
  };
}

const wrong = (name: string, value: string, expected: string) => new StartError(`${name}="${value}" is wrong: expected ${expected}.`);

function integer(env: Environment, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw wrong(name, text, `a whole number from ${min} to ${max}`);
  return value;
}

function url(env: Environment, name: string): string | null {
  const text = env[name];
  if (!text) return null;
  const parsed = URL.parse?.(text) ?? (URL.canParse(text) ? new URL(text) : null);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw wrong(name, text, "an http:// or https:// address");
  return parsed.origin;
}

function secret(env: Environment, name: string): string | null {
  const path = env[`${name}_FILE`];
  if (!path) return env[name] || null;
  try {
    return readFileSync(path, "utf8").trim() || null;
  } catch (cause) {
    throw new StartError(`${name}_FILE="${path}" cannot be read: expected a readable file.`, { cause });
  }
}
