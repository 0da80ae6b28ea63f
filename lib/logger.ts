import pino from "pino";
import { LOG_LEVELS } from "./config";

const level = process.env.LOG_LEVEL || "info";

/** JSON lines on stdout, with what must never be read there cut out. Level by `LOG_LEVEL`. */
export const logger = pino({
  // A wrong level stops the start (lib/config.ts), but must not do so with pino's stack trace.
  level: LOG_LEVELS.includes(level) ? level : "info",
  base: { pid: process.pid, role: process.env.SPANWATCH_ROLE ?? "all" },
  redact: {
    paths: ["*.authorization", "*.token", "*.password", "*.secret", "*.cookie", "headers.authorization", "headers.cookie"],
    censor: "[secret]",
  },
});
