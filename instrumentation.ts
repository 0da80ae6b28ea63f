/** What Next calls once in every server process before the first request. Nothing here may fail: Next would live on, answering 500. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") await import("./lib/http/compressible-answers");
}
