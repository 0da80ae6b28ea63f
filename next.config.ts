import type { NextConfig } from "next";

/**
 * Headers of every answer, files included; the Content-Security-Policy, which needs a fresh nonce each time, is set in proxy.ts.
 * HSTS is left to the reverse proxy that ends TLS: over plain http on a laptop it would lock the user out.
 */
const headers = [
  { key: "x-content-type-options", value: "nosniff" },
  { key: "referrer-policy", value: "same-origin" },
  { key: "x-frame-options", value: "DENY" },
  { key: "cross-origin-opener-policy", value: "same-origin" },
  { key: "cross-origin-resource-policy", value: "same-origin" },
  { key: "permissions-policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()" },
];

const config: NextConfig = {
  reactStrictMode: true,
  reactCompiler: true,
  poweredByHeader: false,
  // No image optimiser: it has been a way in (reliability-security.md §4.1), and sharp brings an LGPL library.
  images: { unoptimized: true },
  serverExternalPackages: ["pg", "pg-copy-streams", "pino", "prom-client", "drizzle-orm"],
  // gzip, also of what lib/http/json-answer.ts streams. Event streams opt out by `no-transform`.
  compress: true,
  allowedDevOrigins: ["127.0.0.1", "*.localhost"],
  devIndicators: false,
  agentRules: false,
  // `npm run check` checks types, tests included. A user's first start neither waits for that nor needs the tests' dependencies.
  typescript: { ignoreBuildErrors: true },
  headers: async () => [{ source: "/:path*", headers }],
};

export default config;
