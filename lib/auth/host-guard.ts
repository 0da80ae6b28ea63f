/** What the guard must know of the settings. */
export interface GuardConfig {
  mode: "local" | "server";
  port: number;
  publicUrl: string | null;
}

const LOOPBACK_NAME = /^(?:localhost|(?:[a-z0-9-]+\.)+localhost|127\.0\.0\.1|\[::1\])\.?$/;
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Why a request must not be answered, or null when it may. Local mode knows no sign-in, so two things stand between a web page somewhere
 * and the traces on this machine: the name that the browser thinks it talks to (DNS rebinding: a foreign name that resolves to 127.0.0.1),
 * and who made it ask (`Origin`, `Sec-Fetch-Site`). In server mode every answer needs a key or a session, so any name may be used there
 * (health checks come by address), and only the second counts. Pure, because proxy.ts and lib/http both ask it: neither trusts the other.
 */
export function refusalOf(config: GuardConfig, method: string, path: string, headers: Headers): string | null {
  const host = headers.get("host")?.toLowerCase() ?? "";
  if (config.mode === "local" && !isLocalHost(host, config.port)) {
    return `In local mode this server answers only to http://localhost:${config.port}. To reach it by another name, set PUBLIC_URL, which turns sign-in on.`;
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (!SAFE_METHODS.has(method)) {
    if (origin !== null && !isOwnOrigin(origin, host, config.publicUrl)) return "This request was made by another site's page.";
    if (origin === null && site !== null && site !== "same-origin" && site !== "none")
      return "This request was made by another site's page.";
    return null;
  }
  // A foreign page cannot read our JSON, but could hold live connections open and time the answers. Following a link is fine.
  const isForeign = site === "cross-site" || site === "same-site";
  if (isForeign && headers.get("sec-fetch-mode") !== "navigate" && /^\/(?:api|metrics)(?:\/|$)/.test(path)) {
    return "This request was made by another site's page.";
  }
  return null;
}

function isLocalHost(host: string, port: number): boolean {
  const at = /:\d+$/.exec(host)?.index ?? host.length;
  const portText = host.slice(at + 1);
  return LOOPBACK_NAME.test(host.slice(0, at)) && (portText === "" ? port === 80 : Number(portText) === port);
}

function isOwnOrigin(origin: string, host: string, publicUrl: string | null): boolean {
  if (publicUrl !== null && origin === publicUrl) return true;
  return URL.canParse(origin) && new URL(origin).host === host.replace(/:(?:80|443)$/, "");
}
