import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { CHECKS } from "@/lib/diagnosis";
import { CAUSES } from "@/lib/diagnosis/finding";

const ROOT = join(import.meta.dirname, "../..");
const SKIPPED = new Set(["node_modules", ".next", ".data", ".cache", ".git", "test-results", "playwright-report"]);
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

function documentsIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : documentsIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}
const documents = documentsIn(".");

/** Targets of the links and pictures of a document, code left out. */
function linksOf(file: string): string[] {
  const text = read(file)
    .replace(/^```[\s\S]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g), ...text.matchAll(/<(?:img|a)[^>]+(?:src|href)="([^"]+)"/g)].map(
    ([, target]) => target as string,
  );
}

/** Anchors as GitHub makes them of headings. */
const anchorsOf = (file: string) =>
  [...read(file).matchAll(/^#+ +(.+)$/gm)].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );

test("every link inside the repository leads somewhere", () => {
  const broken = documents.flatMap((file) =>
    linksOf(file)
      .filter((target) => !/^[a-z]+:/i.test(target))
      .filter((target) => {
        const [path = "", anchor] = target.split("#");
        const found = path === "" ? file : join(dirname(file), decodeURIComponent(path));
        if (!existsSync(join(ROOT, found))) return true;
        return anchor !== undefined && found.endsWith(".md") && !anchorsOf(found).includes(anchor);
      })
      .map((target) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("every check has a page, which the finding links to, with the headings that a reader looks for", () => {
  const pages = readdirSync(join(ROOT, "docs/checks"))
    .map((name) => name.replace(/\.md$/, ""))
    .filter((name) => name !== "README");
  expect(CHECKS.map((check) => check.kind).filter((kind) => !pages.includes(kind))).toEqual([]);
  expect(pages.filter((page) => !read(`docs/checks/${page}.md`).startsWith(`# ${page}\n`))).toEqual([]);
});

test("every cause that a finding may name is explained, and no other", () => {
  const explained = [...read("docs/causes.md").matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, id]) => id);
  expect(explained).toEqual([...CAUSES]);
});

test("the import table that people read is the one that is enforced", async () => {
  const { rooms } = (await import(join(ROOT, ".dependency-cruiser.mjs"))) as { rooms: Record<string, string[]> };
  const section = read("docs/architecture.md").split("## Who may import whom")[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| `([^`]+)` \| [^|]+ \| ([^|]*) \|$/gm)].map(([, room, allowed]) => [
    room,
    [...(allowed as string).matchAll(/`([^`]+)`/g)].map(([, name]) => name).concat(/shared/.test(allowed as string) ? ["lib/*"] : []),
  ]);
  expect(Object.fromEntries(rows)).toEqual(rooms);
});

test("the files that the documents walk through exist", () => {
  const named = ["docs/architecture.md", "docs/style.md", "docs/operating.md", "CONTRIBUTING.md"].flatMap((file) =>
    [...read(file).matchAll(/`((?:app|components|db|docs|e2e|lib|scripts)\/[\w./()[\]-]+\.(?:ts|tsx|mjs|sql|md))`/g)].map(
      ([, path]) => `${file}: ${path}`,
    ),
  );
  expect(named.filter((line) => !existsSync(join(ROOT, line.split(": ")[1] as string)))).toEqual([]);
});

test("every setting that lib/config.ts reads is explained in docs/operating.md", () => {
  const settings = [...read("lib/config.ts").matchAll(/env\.([A-Z_]+)|env, "([A-Z_]+)"/g)].map(([, a, b]) => a ?? b);
  const explained = read("docs/operating.md");
  expect(settings.length).toBeGreaterThan(8);
  expect([...new Set(settings)].filter((name) => !explained.includes(`\`${name}\``))).toEqual([]);
});
