"use client";

import { useState } from "react";
import { useTranslations } from "use-intl";
import { cn } from "@/components/ui/cn";
import { copyText } from "@/components/ui/copy-button";
import { shortId } from "./format";

/** An id in mono, shortened in the middle and copied whole on click. */
export function CopyId({ id, full = false, className }: { id: string; full?: boolean; className?: string }) {
  const t = useTranslations("common");
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      title={copied ? t("copied") : `${t("copy")}: ${id}`}
      onClick={() => void copyText(id).then(setCopied)}
      onBlur={() => setCopied(false)}
      className={cn("foreign rounded-sm font-mono text-ink-soft text-small hover:bg-fill hover:text-ink", className)}
    >
      {full ? id : shortId(id)}
      <span role="status" className={copied ? "pl-1 text-well-ink" : "sr-only"}>
        {copied ? t("copied") : ""}
      </span>
    </button>
  );
}
