import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTranslator } from "use-intl";
import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

const ROOT = join(import.meta.dirname, "..");

type Tree = { [key: string]: string | Tree };
const leaves = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
const english = new Map(leaves(en as unknown as Tree));
const chinese = new Map(leaves(zh as unknown as Tree));

/** `{count, plural, …}` → count; tags → their names. */
const placesOf = (message: string): string[] => {
  const names = new Set<string>();
  let depth = 0;
  for (const [part, name, tag] of message.matchAll(/\{\s*(\w+)?|\}|<\/?(\w+)>/g)) {
    if (tag) names.add(`<${tag}>`);
    else if (part === "}") depth--;
    else if (depth++ % 2 === 0 && name) names.add(name);
  }
  return [...names].sort();
};

test("both languages have the same messages", () => {
  expect([...chinese.keys()].filter((key) => !english.has(key))).toEqual([]);
  expect([...english.keys()].filter((key) => !chinese.has(key))).toEqual([]);
});

test("no message is empty, and Chinese fills the same places", () => {
  expect([...english, ...chinese].filter(([, message]) => message.trim() === "").map(([key]) => key)).toEqual([]);
  const differing = [...english].filter(([key, message]) => placesOf(message).join() !== placesOf(chinese.get(key) ?? "").join());
  expect(differing.map(([key]) => key)).toEqual([]);
});

test("no Chinese message was left in English", () => {
  // Names of products, protocols and OTLP fields are the same in both.
  const names =
    /^(?:[\w.+/ ·()-]*(?:Python|Node\.js|Go|Java|\.NET|Rust|Collector|OTLP|Logfire pending span|Datadog partial|Zipkin|Span|Scope|Trace state|JSON)[\w.+/ ·()-]*|\+\{count.*\}|pid \{pid\}|\{at.*\} \/ \{count.*\})$/;
  const left = [...english].filter(
    ([key, message]) => chinese.get(key) === message && !names.test(message) && key !== "signIn.placeholder",
  );
  expect(left.map(([key]) => key)).toEqual([]);
});

test("every message can be read by the formatter, in both languages", () => {
  const broken: string[] = [];
  for (const [locale, messages] of [
    ["en", en],
    ["zh", zh],
  ] as const) {
    const t = createTranslator({ locale, messages: messages as typeof en, onError: (error) => broken.push(`${locale}: ${error.message}`) });
    for (const [key, message] of locale === "en" ? english : chinese) {
      const values = Object.fromEntries(placesOf(message).map((name) => [name.replace(/[<>]/g, ""), name.startsWith("<") ? () => "x" : 3]));
      t.rich(key as never, values as never);
    }
  }
  expect(broken).toEqual([]);
});

test("no message is missing, and none is left over", () => {
  const used = usedKeys();
  const isUsed = (key: string) => used.exact.has(key) || used.patterns.some((pattern) => pattern.test(key));
  expect([...english.keys()].filter((key) => !isUsed(key)).sort()).toEqual([]);
  expect([...used.exact].filter((key) => !english.has(key)).sort()).toEqual([]);
});

/**
 * The keys that the source asks for. Understands what this code base does: `const t = useTranslations("a.b")`, then `t("c")`,
 * `t.rich("c")`, `` t(`c.${x}`) ``, `t(x ? "c" : "d")`; and a key passed on as a value, which must then be typed by `MessageKeys`.
 */
function usedKeys(): { exact: Set<string>; patterns: RegExp[] } {
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const file of sources()) {
    const text = readFileSync(file, "utf8");
    const spaces = new Map<string, string[]>();
    for (const [, name = "", space = ""] of text.matchAll(/const (\w+) = useTranslations\(\s*"([\w.-]+)"\s*\);/g)) {
      spaces.set(name, [...(spaces.get(name) ?? []), space]);
    }
    for (const [, space = "", key = ""] of text.matchAll(/useTranslations\(\s*"([\w.-]+)"\s*\)\(\s*"([\w.-]+)"/g))
      exact.add(`${space}.${key}`);
    for (const [name, candidates] of spaces) {
      for (const [, call = ""] of text.matchAll(new RegExp(`(?<![\\w.])${name}(?:\\.rich)?\\(((?:[^()]|\\([^()]*\\))*)`, "g"))) {
        const argument = firstArgument(call);
        for (const [, key = ""] of argument.replace(/`[^`]*`|[!=]==\s*"[^"]*"/g, "").matchAll(/"([\w.-]+)"/g)) add(candidates, key);
        for (const [, template = ""] of argument.matchAll(/`([^`]+)`/g)) {
          const pattern = template.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.]/g, "\\."));
          for (const space of candidates) patterns.push(new RegExp(`^${space.replace(/\./g, "\\.")}\\.${pattern.join("[\\w-]+")}$`));
        }
        // A variable: every message of the namespace may be meant.
        if (/^\s*[\w.]+\s*$/.test(argument))
          for (const space of candidates) patterns.push(new RegExp(`^${space.replace(/\./g, "\\.")}\\.[\\w-]+$`));
      }
    }
  }
  // Where two functions of a file call their translators alike, only one of the candidates is meant.
  function add(candidates: string[], key: string) {
    const known = candidates.map((space) => `${space}.${key}`).filter((full) => english.has(full));
    for (const full of known.length > 0 ? known : candidates.map((space) => `${space}.${key}`)) exact.add(full);
  }
  return { exact, patterns };
}

function firstArgument(call: string): string {
  let depth = 0;
  for (let at = 0; at < call.length; at++) {
    if ("({[".includes(call[at] ?? "")) depth++;
    else if (")}]".includes(call[at] ?? "")) depth--;
    else if (call[at] === "," && depth === 0) return call.slice(0, at);
  }
  return call;
}

const sources = () =>
  ["app", "components"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
