// Finds a Chromium for the browser tests, or gets one. Without dependencies, because it may run before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PLACES = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser"];

/**
 * Makes sure that there is a browser that starts: Debian's, by apt when we are root, else the one that Playwright downloads.
 * Returns null when there is, or one line that says why not and what to do.
 */
export function ensureBrowser(say = console.log) {
  if (starts() === null) return null;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync("/usr/bin/apt-get")) {
    say("no browser yet: installing Debian's chromium for the browser tests (once, about a minute)");
    run("apt-get", ["-q", "update"]);
    run("apt-get", ["-q", "install", "-y", "--no-install-recommends", "chromium"], { DEBIAN_FRONTEND: "noninteractive" });
    if (starts() === null) return null;
  }
  say("no browser yet: downloading Playwright's chromium for the browser tests (once)");
  run(process.execPath, [join(ROOT, "node_modules/playwright/cli.js"), "install", "chromium"]);
  const complaint = starts();
  return complaint === null ? null : `no browser: ${complaint}. Install one with: ${isRoot ? "" : "sudo "}apt-get install chromium`;
}

/** Null when a page can be opened, else the first line of what went wrong. */
function starts() {
  if (!existsSync(join(ROOT, "node_modules/playwright/package.json"))) return "Playwright is not installed";
  const executablePath = PLACES.find((path) => path && existsSync(path));
  const script = `
    const { chromium } = require("playwright");
    chromium.launch({ executablePath: ${JSON.stringify(executablePath)} || undefined, args: ["--disable-dev-shm-usage"] })
      .then(async (browser) => { await (await browser.newPage()).goto("about:blank"); await browser.close(); })
      .catch((error) => { console.error(String(error.message).split("\\n")[0]); process.exit(1); });`;
  const { status, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: ROOT, encoding: "utf8", timeout: 60_000 });
  return status === 0 ? null : stderr.trim().split("\n")[0] || "Chromium did not start within a minute";
}

function run(command, args, env = {}) {
  spawnSync(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env }, timeout: 600_000 });
}
