"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "use-intl";
import { formatAge, formatDuration } from "@/components/trace/format";
import { ProcessStateBadge } from "@/components/trace/process-state";
import { ServiceName } from "@/components/trace/service-name";
import { SpanStateBadge } from "@/components/trace/span-state";
import { durationFraction } from "@/components/trace-list/duration-scale";
import { cn } from "@/components/ui/cn";
import { Skeleton } from "@/components/ui/skeleton";
import { useNow } from "@/components/use-now";
import type { OpenSpanJson } from "@/lib/api/contract/traces";
import { useSpanName } from "./span-name";

const COLUMNS = "grid-cols-[minmax(0,1fr)_auto] md:grid-cols-[7.5rem_minmax(10rem,1fr)_minmax(14rem,22rem)_9rem_8rem]";

/** Open spans with ages that tick: all from the one clock, so the rows never disagree. */
export function OpenTable({ spans, loadedMs }: { spans: readonly OpenSpanJson[]; loadedMs: number }) {
  const t = useTranslations("open.column");
  const now = useNow();
  // Ages are the server's; what has passed since is counted by this browser's clock, right or wrong.
  const sinceLoadedMs = Math.max(0, now - loadedMs);
  const longestMs = spans.reduce((longest, span) => Math.max(longest, span.ageMs + sinceLoadedMs, span.usualMs ?? 0), 1);
  return (
    <table className="block" data-testid="open-spans">
      <thead className="sticky top-0 z-10 block border-b bg-paper text-ink-faint text-tiny max-md:hidden">
        <tr className={cn("grid h-7 items-center gap-x-4 px-3 text-left *:font-normal", COLUMNS)}>
          <th scope="col">{t("state")}</th>
          <th scope="col">{t("span")}</th>
          <th scope="col">
            {t("age")} · {t("usual")}
          </th>
          <th scope="col">{t("process")}</th>
          <th scope="col" className="text-right">
            {t("activity")}
          </th>
        </tr>
      </thead>
      <tbody className="block">
        {spans.map((span) => (
          <OpenRow key={`${span.traceId}${span.spanId}`} span={span} ageMs={span.ageMs + sinceLoadedMs} longestMs={longestMs} nowMs={now} />
        ))}
      </tbody>
    </table>
  );
}

function OpenRow({ span, ageMs, longestMs, nowMs }: { span: OpenSpanJson; ageMs: number; longestMs: number; nowMs: number }) {
  const t = useTranslations("open");
  const nameOf = useSpanName();
  const locale = useLocale();
  return (
    <tr
      className={cn("relative grid min-h-11 content-center items-center gap-x-4 gap-y-1 border-b px-3 py-1 hover:bg-fill", COLUMNS)}
      data-state={span.state}
    >
      <td className="max-md:order-2 max-md:text-right">
        <SpanStateBadge state={span.state} />
      </td>
      <td className="min-w-0 max-md:order-1">
        <Link
          href={`/traces/${span.traceId}?span=${span.spanId}`}
          prefetch={false}
          className="flex min-w-0 items-baseline gap-2 after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ink focus-visible:after:-outline-offset-2"
        >
          <span className="foreign truncate font-medium">{nameOf(span)}</span>
          <ServiceName service={span.service} className="shrink-[2] text-ink-soft text-small" />
        </Link>
        {span.callSite ? <p className="foreign truncate font-mono text-ink-faint text-tiny">{span.callSite}</p> : null}
      </td>
      <td className="min-w-0 max-md:order-3 max-md:col-span-2">
        <AgeBar span={span} ageMs={ageMs} longestMs={longestMs} />
      </td>
      <td className="flex flex-wrap items-center gap-x-2 max-md:order-4">
        <ProcessStateBadge state={span.processState} />
        {span.pid === null ? null : <span className="tabular text-ink-faint text-small">{t("pid", { pid: String(span.pid) })}</span>}
      </td>
      <td className="tabular text-right text-ink-soft text-small max-md:order-5">
        {t("ago", { age: formatAge(nowMs - Date.parse(span.lastActivityAt), locale) })}
      </td>
    </tr>
  );
}

/** A span this many times older than usual is said to be. */
const WORTH_SAYING_TIMES = 2;

/** The age as a bar on the scale that all rows share, with a tick where such spans usually end. */
function AgeBar({ span, ageMs, longestMs }: { span: OpenSpanJson; ageMs: number; longestMs: number }) {
  const t = useTranslations("open");
  const locale = useLocale();
  const times = span.usualMs === null || span.usualMs <= 0 ? 0 : ageMs / span.usualMs;
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-baseline justify-between gap-3">
        <span className="tabular font-medium">{formatDuration(Math.floor(ageMs / 1_000) * 1_000, locale)}</span>
        <span className="tabular truncate text-ink-faint text-small">
          {times >= WORTH_SAYING_TIMES ? <span className="text-ink-soft">{t("times", { times: Math.floor(times) })} · </span> : null}
          {span.usualMs === null ? t("noUsual") : t("usual", { time: formatDuration(span.usualMs, locale), count: span.usualCount })}
        </span>
      </div>
      <div aria-hidden className="relative h-1.5 rounded-[2px] bg-fill-strong">
        <span
          className={cn("absolute inset-y-0 left-0 rounded-l-[2px]", BAR[span.state])}
          style={{ width: `${durationFraction(ageMs, longestMs) * 100}%` }}
        />
        {span.usualMs === null ? null : (
          <span className="absolute -inset-y-0.5 w-0.5 bg-ink" style={{ left: `${durationFraction(span.usualMs, longestMs) * 100}%` }} />
        )}
      </div>
    </div>
  );
}

const BAR: Record<OpenSpanJson["state"], string> = {
  ongoing: "bg-ongoing",
  stale: "bg-stale",
  abandoned: "bg-abandoned",
  missing: "bg-missing",
};

export function OpenSkeleton() {
  const t = useTranslations("common");
  return (
    <div role="status" aria-label={t("loading")}>
      {["w-40", "w-56", "w-32", "w-64", "w-48"].map((width) => (
        <div key={width} className={cn("grid h-11 items-center gap-x-4 border-b px-3", COLUMNS)}>
          <Skeleton className="w-16" />
          <Skeleton className={cn("max-w-full", width)} />
          <Skeleton className="h-1.5 max-md:hidden" />
          <Skeleton className="w-20 max-md:hidden" />
          <Skeleton className="ml-auto w-10 max-md:hidden" />
        </div>
      ))}
    </div>
  );
}
