export const signIn = {
  title: "Sign in",
  why: "This server can be reached over the network, so it asks who you are. Paste a read key or an admin key.",
  where: "The first admin key was printed when the server first started, and lies in <file>admin-key</file> in its data directory.",
  label: "Key",
  placeholder: "sw_adm_…",
  action: "Sign in",
  busy: "Signing in",
  ingestKey: "This is an ingest key: it can send telemetry and never read it. Use a read or an admin key.",
  unknownKey: "This key is not known here, or was revoked.",
  tooMany: "Too many wrong keys. Try again in a minute.",
  already: { title: "You are signed in", out: "Sign out", go: "Go to traces" },
} as const;
