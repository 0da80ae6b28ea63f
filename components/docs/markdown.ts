/** The part of Markdown that our own docs are written in. Anything else stays as it is written. */
export type Block =
  | { type: "heading"; level: number; text: string; id: string }
  | { type: "code"; text: string }
  | { type: "list"; ordered: boolean; items: string[] }
  | { type: "table"; head: string[]; rows: string[][] }
  | { type: "text"; text: string };

export type Inline =
  | { type: "plain"; text: string }
  | { type: "code"; text: string }
  | { type: "strong"; text: string }
  | { type: "em"; text: string }
  | { type: "link"; text: string; href: string };

const FENCE = /^```/;
const HEADING = /^(#{1,4}) +(.*)$/;
const ITEM = /^\s*(?:[-*]|(\d+)\.) +(.*)$/;
const TABLE_RULE = /^\|?[\s:|-]+\|[\s:|-]*$/;

export function parseMarkdown(source: string): Block[] {
  const lines = source.split(/\r?\n/);
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    if ((lines[at] ?? "").trim() === "") {
      at++;
      continue;
    }
    const { block, next } =
      readCode(lines, at) ?? readHeading(lines, at) ?? readList(lines, at) ?? readTable(lines, at) ?? readText(lines, at);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

interface Read {
  block: Block;
  /** Line after the block. */
  next: number;
}

function readCode(lines: readonly string[], at: number): Read | null {
  if (!FENCE.test(lines[at] ?? "")) return null;
  const end = lines.findIndex((line, index) => index > at && FENCE.test(line));
  const last = end < 0 ? lines.length : end;
  return { block: { type: "code", text: lines.slice(at + 1, last).join("\n") }, next: last + 1 };
}

function readHeading(lines: readonly string[], at: number): Read | null {
  const [, marks, text] = HEADING.exec(lines[at] ?? "") ?? [];
  if (marks === undefined || text === undefined) return null;
  return { block: { type: "heading", level: marks.length, text, id: slugOf(text) }, next: at + 1 };
}

function readList(lines: readonly string[], from: number): Read | null {
  const first = ITEM.exec(lines[from] ?? "");
  if (!first) return null;
  const items: string[] = [];
  let at = from;
  for (; (lines[at] ?? "").trim() !== ""; at++) {
    const line = lines[at] ?? "";
    const item = ITEM.exec(line);
    if (item) items.push(item[2] ?? "");
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return { block: { type: "list", ordered: first[1] !== undefined, items }, next: at };
}

function readTable(lines: readonly string[], from: number): Read | null {
  if (!lines[from]?.startsWith("|") || !TABLE_RULE.test(lines[from + 1] ?? "")) return null;
  const rows: string[][] = [];
  let at = from + 2;
  for (; lines[at]?.startsWith("|"); at++) rows.push(cellsOf(lines[at] ?? ""));
  return { block: { type: "table", head: cellsOf(lines[from]), rows }, next: at };
}

function readText(lines: readonly string[], from: number): Read {
  let at = from + 1;
  while (isText(lines[at] ?? "")) at++;
  return { block: { type: "text", text: lines.slice(from, at).join(" ") }, next: at };
}

const isText = (line: string) =>
  line.trim() !== "" && !FENCE.test(line) && !HEADING.test(line) && !ITEM.test(line) && !line.startsWith("|");

const cellsOf = (line: string) =>
  line
    .replace(/^\||\|\s*$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

/** As GitHub makes the ids of headings, so that links work in both places. */
const slugOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replace(/\s+/g, "-");

export function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g)) {
    if (match.index > from) parts.push({ type: "plain", text: text.slice(from, match.index) });
    const [whole, code, strong, em, label, href] = match;
    if (code !== undefined) parts.push({ type: "code", text: code });
    else if (strong !== undefined) parts.push({ type: "strong", text: strong });
    else if (em !== undefined) parts.push({ type: "em", text: em });
    else parts.push({ type: "link", text: label ?? "", href: href ?? "" });
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push({ type: "plain", text: text.slice(from) });
  return parts;
}

/**
 * Where a link of the page `docs/<page>.md` leads in the product: other pages of the docs to their pages here, the web to the web, and
 * null for what is only in the repository.
 */
export function docsLink(page: string, href: string): string | null {
  if (/^https?:\/\//.test(href)) return href;
  if (href.startsWith("#")) return href;
  const target = new URL(href, `http://x/docs/${page}.md`);
  return target.host === "x" && /^\/docs\/[\w/-]+\.md$/.test(target.pathname) ? target.pathname.replace(/\.md$/, "") + target.hash : null;
}
