"use client";

import { CheckCircle2, ChevronDown, ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { CertaintyBadge } from "@/components/trace/certainty-badge";
import { FINDING_LOOKS, TONE_TEXT } from "@/components/trace/finding-kinds";
import { formatAge, formatMoment } from "@/components/trace/format";
import { RichSentence } from "@/components/trace/rich-sentence";
import { ServiceName } from "@/components/trace/service-name";
import { cn } from "@/components/ui/cn";
import { useNow } from "@/components/use-now";
import type { FindingGroupJson } from "@/lib/api/contract/findings";
import { GroupFindings } from "./group-findings";
import { Trend } from "./trend";

/** One group of the inbox; unfolds to its findings. */
export function GroupRow({ group }: { group: FindingGroupJson }) {
  const t = useTranslations("findings.group");
  const words = useTranslations("words.kind");
  const [isOpen, setOpen] = useState(false);
  const bodyId = useId();
  const isGone = group.openCount === 0 && group.mutedCount === 0;
  const { icon: Icon, tone } = FINDING_LOOKS[group.kind];
  const Fold = isOpen ? ChevronDown : ChevronRight;
  return (
    <li className="border-b" data-kind={group.kind}>
      <div className={cn("group relative flex items-center gap-3 px-3 py-2 hover:bg-fill max-md:flex-wrap", isOpen && "bg-fill")}>
        {isGone ? (
          <CheckCircle2 aria-hidden className="size-4 shrink-0 text-well-ink" />
        ) : (
          <Icon aria-hidden className={cn("size-4 shrink-0", TONE_TEXT[tone])} />
        )}
        <div className="min-w-0 flex-1 max-md:basis-[calc(100%-3rem)]">
          <h2 className="truncate font-normal text-data max-md:whitespace-normal">
            <button
              type="button"
              aria-expanded={isOpen}
              aria-controls={bodyId}
              onClick={() => setOpen(!isOpen)}
              className="max-w-full truncate text-left after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ink focus-visible:after:-outline-offset-2 max-md:whitespace-normal"
            >
              <RichSentence text={group.title} />
            </button>
          </h2>
          <p className="flex flex-wrap items-center gap-x-3 text-ink-soft text-small">
            <span className={TONE_TEXT[tone]}>{words(group.kind)}</span>
            <ServiceName service={group.service} className="max-w-56" />
            {group.mutedCount > 0 ? (
              <span className="rounded-sm bg-fill-strong px-1 text-tiny">{t("muted", { count: group.mutedCount })}</span>
            ) : null}
            {isGone ? (
              <span className="text-well-ink">{t("gone", { at: formatMoment(Date.parse(group.lastSeenAt)).slice(0, 16) })}</span>
            ) : null}
          </p>
        </div>
        <Trend counts={group.trend} />
        <p className="w-34 shrink-0 text-right text-ink-soft text-small max-md:hidden">
          <Seen group={group} />
        </p>
        <CertaintyBadge certainty={group.certainty} className="w-20 max-md:hidden" />
        <span className="tabular w-24 shrink-0 text-right text-small">
          {t("openOf", { open: group.openCount, total: group.totalCount })}
        </span>
        <Fold aria-hidden className="size-4 shrink-0 text-ink-faint" />
      </div>
      <div id={bodyId}>{isOpen ? <GroupFindings group={group} /> : null}</div>
    </li>
  );
}

function Seen({ group }: { group: FindingGroupJson }) {
  const t = useTranslations("findings.group");
  const locale = useLocale();
  const now = useNow();
  const age = (at: string) => formatAge(now - Date.parse(at), locale);
  const [first, last] = [age(group.firstSeenAt), age(group.lastSeenAt)];
  return (
    <span
      className="tabular whitespace-nowrap"
      title={`${formatMoment(Date.parse(group.firstSeenAt))} – ${formatMoment(Date.parse(group.lastSeenAt))}`}
    >
      {first === last ? t("seenOnce", { age: last }) : t("seen", { first, last })}
    </span>
  );
}
