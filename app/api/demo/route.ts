import { DemoResponse } from "@/lib/api/contract/actions";
import { withIngestKey } from "@/lib/auth/api-keys";
import { sendGallery } from "@/lib/demo/gallery";
import { AppError } from "@/lib/errors";
import { route } from "@/lib/http/route";
import { ingestUrl } from "@/lib/status/own-ingest";

/** One at a time: it is a demonstration, not a load test. */
let isSending = false;

export const POST = route(
  { summary: "Sends the gallery of broken traces to this server's own ingest port.", access: "admin", response: DemoResponse },
  async ({ db, viewer }, { language, runtime: { config } }) => {
    if (isSending) throw new AppError("conflict", "The gallery is being sent already.");
    isSending = true;
    try {
      const httpEndpoint = ingestUrl(config);
      const send = (token?: string) => sendGallery({ httpEndpoint, token });
      const { items } = await (config.mode === "local" ? send() : withIngestKey(db, viewer.projectId, "demo gallery", send)).catch(
        (cause: unknown) => {
          throw new AppError("unavailable", `The ingest port at ${httpEndpoint} did not take the gallery.`, { cause });
        },
      );
      return {
        items: items.map(({ title, explanation, ...item }) => ({ ...item, title: title[language], explanation: explanation[language] })),
      };
    } finally {
      isSending = false;
    }
  },
);
