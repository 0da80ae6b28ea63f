import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { CHECKS } from "@/lib/diagnosis";
import { SOURCE_CHECKS } from "@/lib/diagnosis/source-checks";
import { EXHIBITS, sendGallery } from "./gallery";

interface Received {
  resourceSpans: { scopeSpans: { spans: { traceId: string; spanId: string; name: string }[] }[] }[];
}

/** A server that takes everything, or answers `status`; what it received, and how many of its connections are open. */
async function sink(status = 200) {
  const bodies: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const isSpans = request.url === "/v1/traces" && request.headers["content-encoding"] === undefined;
      if (isSpans) bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Received);
      response
        .writeHead(request.headers["content-encoding"] === undefined ? status : 503, { "content-type": "application/json" })
        .end("{}");
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    httpEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    open: () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("the gallery has an exhibit for every check, so that nobody has to break a program to see one", () => {
  const shown = EXHIBITS.map((exhibit) => exhibit.kind);
  expect([...CHECKS, ...SOURCE_CHECKS].map((check) => check.kind).filter((kind) => !shown.includes(kind))).toEqual([]);
});

test("each exhibit was sent, is told in both languages; processes that died have closed their connections, living ones have not", async () => {
  const server = await sink();
  const { items } = await sendGallery(server);

  const spans = server.bodies.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)),
  );
  expect(items).toHaveLength(EXHIBITS.length);
  const sent = new Set(spans.map((span) => span.traceId));
  expect(items.filter((item) => !sent.has(item.traceId))).toEqual([]);
  for (const { title, explanation } of items) {
    for (const words of [title, explanation]) {
      expect(words.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(words.en).toMatch(/^[\x20-\x7e]+$/);
    }
  }
  const held = EXHIBITS.flatMap((exhibit) => exhibit.acts()).filter((act) => act.connection === "hold").length;
  expect(held).toBeGreaterThan(0);
  await expect.poll(server.open).toBe(held);
  server.close();
});

test("a server that refuses is named, with what it said", async () => {
  const server = await sink(401);
  await expect(sendGallery(server)).rejects.toThrow(`${server.httpEndpoint}/v1/traces answered 401`);
  server.close();
});
