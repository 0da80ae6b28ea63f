import { expect, test } from "vitest";
import { KEY_PLACE, SENDERS, snippetOf } from "./snippets";

const endpoints = { httpEndpoint: "http://localhost:4318", grpcEndpoint: "http://localhost:4317" };

test.each(SENDERS)("the lines for %s carry this server's address", (sender) => {
  expect(snippetOf(sender, { mode: "local", ...endpoints })).toMatch(/localhost:431[78]/);
});

test.each(SENDERS)("the lines for %s say where the key goes when one is needed, and ask for none when not", (sender) => {
  expect(snippetOf(sender, { mode: "server", ...endpoints })).toContain(KEY_PLACE);
  expect(snippetOf(sender, { mode: "local", ...endpoints })).not.toContain(KEY_PLACE);
});
