import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { DocsPage } from "@/components/docs/docs-page";

interface DocsProps {
  params: Promise<{ page: string[] }>;
}

export async function generateMetadata({ params }: DocsProps): Promise<Metadata> {
  return { title: (await params).page.at(-1) };
}

/** The pages of docs/, in the product: what each finding means is one click away, with no network. */
export default async function Docs({ params }: DocsProps) {
  const page = (await params).page.join("/");
  if (!/^(?:checks\/)?[a-z][a-z-]*$/.test(page)) notFound();
  const source = await readFile(join(/* turbopackIgnore: true */ process.cwd(), "docs", `${page}.md`), "utf8").catch(() => null);
  if (source === null) notFound();
  return <DocsPage page={page} source={source} />;
}
