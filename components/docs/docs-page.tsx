import type { ReactNode } from "react";
import { type Block, docsLink, parseInline, parseMarkdown } from "./markdown";

/** A page of the docs, set in the product's own type. Everything is text: no markup of the source reaches the page as markup. */
export function DocsPage({ page, source }: { page: string; source: string }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <article className="flex max-w-3xl flex-col gap-3 px-4 pt-4 pb-16 leading-relaxed">
        {parseMarkdown(source).map((block, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed text
          <BlockView key={at} block={block} page={page} />
        ))}
      </article>
    </div>
  );
}

function BlockView({ block, page }: { block: Block; page: string }) {
  switch (block.type) {
    case "heading":
      return <Heading level={block.level} id={block.id} text={block.text} page={page} />;
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre tabIndex={0} className="overflow-x-auto rounded-md border bg-surface p-3 font-mono text-small leading-normal">
          {block.text}
        </pre>
      );
    case "list": {
      const items = block.items.map((item) => (
        <li key={item}>
          <Text text={item} page={page} />
        </li>
      ));
      return block.ordered ? <ol className="list-decimal pl-5">{items}</ol> : <ul className="list-disc pl-5">{items}</ul>;
    }
    case "table":
      return (
        <div className="overflow-x-auto">
          <table className="w-full border-collapse text-left align-top text-small">
            <thead>
              <tr>
                {block.head.map((cell) => (
                  <th key={cell} scope="col" className="border-b border-line-strong py-1 pr-4 font-semibold">
                    <Text text={cell} page={page} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row) => (
                <tr key={row.join("|")}>
                  {row.map((cell, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
                    <td key={at} className="border-b py-1 pr-4 align-top">
                      <Text text={cell} page={page} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "text":
      return (
        <p>
          <Text text={block.text} page={page} />
        </p>
      );
    default:
      return block satisfies never;
  }
}

const HEADINGS = ["h1", "h2", "h3", "h4"] as const;
const SIZES = ["text-lg font-semibold", "pt-3 text-lead font-semibold", "pt-2 font-semibold", "font-semibold"];

function Heading({ level, id, text, page }: { level: number; id: string; text: string; page: string }) {
  const Tag = HEADINGS[level - 1] ?? "h4";
  return (
    <Tag id={id} className={SIZES[level - 1]}>
      <Text text={text} page={page} />
    </Tag>
  );
}

function Text({ text, page }: { text: string; page: string }): ReactNode {
  return parseInline(text).map((part, at) => {
    // biome-ignore-start lint/suspicious/noArrayIndexKey: parts of one sentence have no other name
    if (part.type === "code") {
      return (
        <code key={at} className="rounded-sm bg-fill-strong px-1 font-mono text-[0.92em]">
          {part.text}
        </code>
      );
    }
    if (part.type === "strong") return <strong key={at}>{part.text}</strong>;
    if (part.type === "em") return <em key={at}>{part.text}</em>;
    const href = part.type === "link" ? docsLink(page, part.href) : null;
    if (href === null) return <span key={at}>{part.text}</span>;
    return (
      <a
        key={at}
        href={href}
        rel="noopener noreferrer"
        className="underline decoration-line-strong underline-offset-3 hover:decoration-ink"
      >
        {part.text}
      </a>
    );
    // biome-ignore-end lint/suspicious/noArrayIndexKey: parts of one sentence have no other name
  });
}
