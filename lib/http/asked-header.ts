/** Set by proxy.ts on every request, whatever the reader sent: the path and query that were asked for, for lib/http/page-guard.ts. */
export const ASKED_HEADER = "x-spanwatch-asked";
