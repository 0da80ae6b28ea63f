import { startSpanwatch } from "./start-spanwatch";

/** One Spanwatch for all specs; its addresses reach the workers through the environment. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const spanwatch = await startSpanwatch({ SPANWATCH_SETTLE_MS: "3000" });
  const { web, http, grpc } = spanwatch;
  process.env.SPANWATCH_E2E = JSON.stringify({ web, http, grpc });
  return () => spanwatch.stop();
}
