import pino from "pino";

/** JSON lines on stdout, with what must never be read there cut out. Level by `LOG_LEVEL`. */
export const logger = pino({
  level: process.env.LOG_LEVEL || "info",
  base: { pid: process.pid, role: process.env.SPANWATCH_ROLE ?? "all" },
  redact: { paths: ["*.authorization", "*.token", "*.password", "*.secret", "*.cookie", "headers.authorization", "headers.cookie"], censor: "[secret]" },
});
