"use client";

import { PageBroke } from "@/components/shell/page-broke";

export default function ErrorPage({ reset }: { reset(): void }) {
  return <PageBroke onReset={reset} />;
}
