import { route } from "@/lib/http/route";
import { readMetrics } from "@/lib/status/metrics";

export const GET = route(
  { summary: "Counts of the project and of this web process, for Prometheus.", access: "read", response: "text/plain" },
  async (ctx, { headers }) => {
    const { contentType, text } = await readMetrics(ctx);
    headers.set("content-type", contentType);
    return new Response(text, { headers });
  },
);
