"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { RichSentence } from "@/components/trace/rich-sentence";
import { AgeText } from "@/components/trace/time-text";
import { buttonClass } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { ProblemState } from "@/components/ui/problem";
import { Skeleton } from "@/components/ui/skeleton";
import type { FindingGroupJson, FindingJson } from "@/lib/api/contract/findings";
import { findingsQuery } from "@/lib/api/queries/findings";
import { evidenceHref, findingHref } from "./evidence-href";
import { FindingDetails } from "./finding-details";

const SHOWN_MAX = 50;

/** The findings of a group: the youngest read downward, the others one line each. */
export function GroupFindings({ group }: { group: FindingGroupJson }) {
  const { data, error, isPending, refetch } = useQuery(findingsQuery({ groupId: group.id, state: "all", limit: SHOWN_MAX }));
  const [openId, setOpenId] = useState<string | null>(null);
  if (isPending) return <Skeleton className="m-4 w-2/3" />;
  if (!data) return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : null;
  const shownId = openId ?? data.items[0]?.id;
  return (
    <ul className="bg-surface">
      {data.items.map((finding) => (
        <FindingItem
          key={finding.id}
          finding={finding}
          isOpen={finding.id === shownId}
          onOpen={() => setOpenId(finding.id === shownId ? "" : finding.id)}
        />
      ))}
    </ul>
  );
}

function FindingItem({ finding, isOpen, onOpen }: { finding: FindingJson; isOpen: boolean; onOpen(): void }) {
  const t = useTranslations("findings.group");
  const words = useTranslations("words.findingState");
  const router = useRouter();
  const href = findingHref(finding);
  return (
    <li className="border-t px-4 py-2 md:pl-10">
      <div className="flex items-center gap-3 max-md:flex-wrap">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={onOpen}
          className={cn("min-w-0 flex-1 text-left max-md:basis-full", finding.state !== "open" && "text-ink-soft")}
        >
          {finding.state === "open" ? null : (
            <span className="mr-1.5 rounded-sm bg-fill-strong px-1 text-tiny">{words(finding.state)}</span>
          )}
          {finding.state === "open" && finding.feedback?.cameBack ? (
            <span className="mr-1.5 text-stale-ink text-small">{t("cameBackShort")}</span>
          ) : null}
          <RichSentence text={finding.title} />
        </button>
        <span className="text-ink-soft text-small">
          <AgeText at={finding.openedAt} />
        </span>
        {href === null ? null : (
          <Link href={href} prefetch={false} className={buttonClass({})}>
            {t("inTrace")}
          </Link>
        )}
      </div>
      {isOpen ? (
        <div className="max-w-3xl pt-3 pb-3">
          <FindingDetails
            finding={finding}
            onEvidenceOpen={(ref) => {
              const target = evidenceHref(finding, ref);
              if (target !== null) router.push(target);
            }}
          />
        </div>
      ) : null}
    </li>
  );
}
