import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { step } from "./step.mjs";

const root = new URL("../../", import.meta.url);

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes down what it installed when it has finished, so an install that
 * was broken off counts as none. Optional packages are not asked for: those of other platforms are never there.
 * @param {{ dev: boolean }} options whether the packages of the tests are needed too.
 */
export function isInstalled({ dev }) {
  const locked = readPackages("package-lock.json");
  const installed = readPackages("node_modules/.package-lock.json");
  if (!locked || !installed) return false;
  return Object.entries(locked).every(
    ([path, { version, dev: onlyDev, devOptional, optional }]) =>
      path === "" || optional || devOptional || (onlyDev && !dev) || installed[path]?.version === version,
  );
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, root), "utf8")).packages;
  } catch {
    return null;
  }
}

/** `npm ci`, with the npm that started us when one did. */
export async function install({ dev }) {
  const args = ["ci", dev ? "--include=dev" : "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const what = dev ? "installing the packages and those of the tests (npm ci)" : "installing the packages (npm ci)";
  // NODE_ENV would decide which packages npm takes; here the arguments do.
  const env = { ...process.env, NODE_ENV: undefined };
  await step(what, command, [...first, ...args], {
    cwd: fileURLToPath(root),
    env,
    shell: process.platform === "win32" && command === "npm",
  });
}
