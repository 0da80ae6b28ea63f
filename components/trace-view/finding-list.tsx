"use client";

import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { type EvidenceRef, FindingDetails } from "@/components/findings/finding-details";
import { CertaintyBadge } from "@/components/trace/certainty-badge";
import { FindingBadge } from "@/components/trace/finding-badge";
import { RichSentence } from "@/components/trace/rich-sentence";
import { cn } from "@/components/ui/cn";
import type { FindingJson } from "@/lib/api/contract/findings";

interface FindingListProps {
  findings: readonly FindingJson[];
  openId: string | null;
  settled: boolean;
  onOpen(finding: FindingJson | null): void;
  onEvidenceOpen(ref: EvidenceRef): void;
}

/** All findings of a trace; the chosen one is open and read downward. */
export function FindingList({ findings, openId, settled, onOpen, onEvidenceOpen }: FindingListProps) {
  const t = useTranslations("trace.noFindings");
  if (findings.length === 0) {
    return (
      <div className="flex flex-col gap-1 p-4">
        <p className="font-semibold">{t("title")}</p>
        <p className="text-ink-soft">{settled ? t("body") : t("arriving")}</p>
      </div>
    );
  }
  return (
    <ul data-testid="findings">
      {findings.map((finding) => (
        <FindingItem
          key={finding.id}
          finding={finding}
          isOpen={finding.id === openId}
          onToggle={() => onOpen(finding.id === openId ? null : finding)}
          onEvidenceOpen={onEvidenceOpen}
        />
      ))}
    </ul>
  );
}

interface FindingItemProps {
  finding: FindingJson;
  isOpen: boolean;
  onToggle(): void;
  onEvidenceOpen(ref: EvidenceRef): void;
}

function FindingItem({ finding, isOpen, onToggle, onEvidenceOpen }: FindingItemProps) {
  const words = useTranslations("words.findingState");
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isOpen) ref.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  return (
    <li ref={ref} className="border-b" data-finding={finding.id} data-kind={finding.kind}>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={onToggle}
        className={cn(
          "flex w-full flex-col items-start gap-0.5 px-4 py-2.5 text-left hover:bg-fill focus-visible:-outline-offset-2",
          isOpen && "bg-fill",
        )}
      >
        <span className="flex w-full items-center justify-between gap-2">
          <FindingBadge kind={finding.kind} count={finding.count} className="font-medium" />
          <CertaintyBadge certainty={finding.certainty} />
        </span>
        <span className={cn("w-full", finding.state === "open" ? "text-ink" : "text-ink-soft")}>
          {finding.state === "open" ? null : (
            <span className="mr-1.5 rounded-sm bg-fill-strong px-1 text-tiny">{words(finding.state)}</span>
          )}
          <RichSentence text={finding.title} />
        </span>
      </button>
      {isOpen ? (
        <div className="px-4 pt-1 pb-4">
          <FindingDetails finding={finding} onEvidenceOpen={onEvidenceOpen} />
        </div>
      ) : null}
    </li>
  );
}
