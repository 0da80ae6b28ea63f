"use client";

import { Check, ChevronDown, ChevronUp, CircleDotDashed, Play } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { FINDING_LOOKS, TONE_TEXT } from "@/components/trace/finding-kinds";
import { RichSentence } from "@/components/trace/rich-sentence";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import type { TraceSummary } from "@/lib/api/contract/traces";
import type { Verdict } from "./verdict";

interface VerdictLineProps {
  verdict: Verdict;
  trace: TraceSummary;
  findingCount: number;
  /** Which finding is open, from 0; −1 when none. */
  findingAt: number;
  onFinding(step: 1 | -1): void;
}

/** One plain sentence: what is wrong with this trace, or what was checked. */
export function VerdictLine({ verdict, trace, findingCount, findingAt, onFinding }: VerdictLineProps) {
  const t = useTranslations("trace.walk");
  return (
    <div className="flex min-h-9 shrink-0 items-start gap-3 border-b px-3 pb-2">
      <div className="min-w-0 flex-1 text-data" data-testid="sentence">
        <Sentence verdict={verdict} trace={trace} />
      </div>
      {findingCount === 0 ? null : (
        <div className="flex shrink-0 items-center gap-0.5 text-ink-soft text-small">
          <span className="tabular whitespace-nowrap max-md:sr-only">
            {findingAt < 0 ? t("none", { count: findingCount }) : t("label", { at: findingAt + 1, count: findingCount })}
          </span>
          <Button look="quiet" size="icon" aria-label={t("previous")} title={`${t("previous")} (p)`} onClick={() => onFinding(-1)}>
            <ChevronUp aria-hidden />
          </Button>
          <Button look="quiet" size="icon" aria-label={t("next")} title={`${t("next")} (n)`} onClick={() => onFinding(1)}>
            <ChevronDown aria-hidden />
          </Button>
        </div>
      )}
    </div>
  );
}

function Sentence({ verdict, trace }: { verdict: Verdict; trace: TraceSummary }) {
  const t = useTranslations("trace.verdict");
  switch (verdict.type) {
    case "incident": {
      const { icon: Icon, tone } = FINDING_LOOKS[verdict.finding.kind];
      return (
        <Line icon={<Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", TONE_TEXT[tone])} />}>
          <span className="font-medium">
            <RichSentence text={verdict.finding.title} />
          </span>{" "}
          {verdict.others > 0 ? <span className="text-ink-soft">{t("more", { count: verdict.others })}</span> : null}
        </Line>
      );
    }
    case "arriving":
      return (
        <Line icon={<CircleDotDashed aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />}>
          {t("arriving", { spans: trace.spanCount })}
        </Line>
      );
    case "running":
      return (
        <Line icon={<Play aria-hidden className="mt-0.5 size-4 shrink-0 text-ongoing-ink" />}>
          {t(verdict.alive ? "running" : "open", { open: verdict.open })}
        </Line>
      );
    case "well":
      return (
        <Line icon={<Check aria-hidden className="mt-0.5 size-4 shrink-0 text-well-ink" />}>
          {t("well", { spans: trace.spanCount, services: trace.services.length })}{" "}
          {verdict.resolved > 0 ? <span className="text-ink-soft">{t("resolved", { count: verdict.resolved })}</span> : null}
        </Line>
      );
    default:
      return verdict satisfies never;
  }
}

function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="flex gap-2">
      {icon}
      <span className="min-w-0">{children}</span>
    </p>
  );
}
