"use client";

import { useQuery } from "@tanstack/react-query";
import { CheckCircle2, ChevronDown, ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { CertaintyBadge } from "@/components/trace/certainty-badge";
import { FINDING_LOOKS, TONE_TEXT } from "@/components/trace/finding-kinds";
import { formatAge, formatMoment } from "@/components/trace/format";
import { RichSentence } from "@/components/trace/rich-sentence";
import { ServiceName } from "@/components/trace/service-name";
import { cn } from "@/components/ui/cn";
import { ProblemState } from "@/components/ui/problem";
import { Skeleton } from "@/components/ui/skeleton";
import { useNow } from "@/components/use-now";
import type { FindingGroupJson } from "@/lib/api/contract/findings";
import { ledGroupsQuery } from "@/lib/api/queries/findings";
import { GroupFindings } from "./group-findings";
import { GroupStory } from "./group-story";
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
            {isGone && group.feedback === null ? (
              <span className="text-well-ink">{t("gone", { at: formatMoment(Date.parse(group.lastSeenAt)).slice(0, 16) })}</span>
            ) : null}
          </p>
          <GroupStory group={group} />
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
      <div id={bodyId}>
        {isOpen ? <GroupFindings group={group} /> : null}
        {isOpen && group.incident !== null && group.incident.groups > 1 ? <LedGroups group={group} /> : null}
      </div>
    </li>
  );
}

/** The other groups that the same ends of processes left, each a row of its own. */
function LedGroups({ group }: { group: FindingGroupJson }) {
  const t = useTranslations("findings.group");
  const { data, error, isPending, refetch } = useQuery(ledGroupsQuery(group.id));
  if (isPending) return <Skeleton className="m-4 w-2/3" />;
  if (!data) return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : null;
  if (data.items.length === 0) return null;
  return (
    <section className="border-t bg-fill pl-3 md:pl-6">
      <h3 className="px-3 py-1.5 text-ink-soft text-small">{t("alsoLeft", { processes: group.incident?.processes ?? 1 })}</h3>
      <ul className="border-l bg-paper" data-testid="led-groups">
        {data.items.map((led) => (
          <GroupRow key={led.id} group={led} />
        ))}
      </ul>
    </section>
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
