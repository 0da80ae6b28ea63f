import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** Headers that only something between the program and us writes. */
const PROXY_HEADERS = ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-envoy-external-address"];
/** Programs that pass on what others recorded. */
const FORWARDERS =
  /opentelemetry collector|otelcol|logfire-proxy|grafana-?(alloy|agent)|^alloy|^vector\/|fluent-?bit|fluentd|envoy|refinery|beyla/i;

/**
 * Whether the program that recorded the spans is itself at the other end of the connection, as far as headers tell (design §6 rule 3):
 * only then does the end of the connection say anything about it.
 */
export function isDirectSender(header: (name: string) => unknown, userAgent: string): boolean {
  return !FORWARDERS.test(userAgent) && PROXY_HEADERS.every((name) => header(name) === undefined);
}

/** An address as we store it: IPv4 that came over an IPv6 socket reads as IPv4. */
export const plainAddress = (address: string): string => (/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address);

const OWN_ADDRESSES_MS = 30_000;
let ownAddresses = new Set<string>();
let ownAddressesAtMs = Number.NEGATIVE_INFINITY;

/** Whether a peer with this (plain) address runs on this machine, so that its processes can be looked at. */
export function isOnThisMachine(address: string, nowMs: number = Date.now()): boolean {
  if (address === "::1" || address.startsWith("127.")) return true;
  if (nowMs - ownAddressesAtMs > OWN_ADDRESSES_MS) {
    ownAddresses = new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)));
    ownAddressesAtMs = nowMs;
  }
  return ownAddresses.has(address);
}

/**
 * Whether a Host (or `:authority`) header names this machine by a name that no stranger's DNS can hold: the guard against DNS rebinding
 * in local mode, where no key is asked for.
 * @param configuredHost what we listen on.
 */
export function isLocalHost(host: string, configuredHost: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  if (name === configuredHost.toLowerCase() || name === `[${configuredHost.toLowerCase()}]`) return true;
  if (name === "localhost" || name.endsWith(".localhost") || name === "[::1]") return true;
  return isIP(name) === 4 && name.startsWith("127.");
}

/** One header of a request, by its lower-case name. */
export type Header = (name: string) => string | undefined;

/** `Authorization: <token>` as Logfire sends it, `Bearer <token>`, or `x-api-key`. */
export function tokenOf(header: Header): string | null {
  const authorization = header("authorization")
    ?.replace(/^bearer\s+/i, "")
    .trim();
  return authorization || header("x-api-key")?.trim() || null;
}
