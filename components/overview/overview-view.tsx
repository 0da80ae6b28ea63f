"use client";

import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { memo } from "react";
import { useTranslations } from "use-intl";
import { PageHead } from "@/components/shell/page-head";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import { Select } from "@/components/ui/select";
import { FILTER_ROW } from "@/components/ui/text-filter";
import { useNow } from "@/components/use-now";
import type { StatsResponse } from "@/lib/api/contract/status";
import { statsQuery } from "@/lib/api/queries/status";
import { OpenAges } from "./open-ages";
import { OverviewSkeleton } from "./overview-skeleton";
import { Panel } from "./panel";
import { FILTERS, RANGES, type Range, statsQueryOf } from "./range";
import { ServiceTable } from "./service-table";

// The chart library is as big as the rest of the page, and nobody waits for it to read the numbers.
const FindingsChart = dynamic(() => import("./findings-chart").then((module) => module.FindingsChart), {
  ssr: false,
  loading: () => <div className="h-56" />,
});
const IngestChart = dynamic(() => import("./ingest-chart").then((module) => module.IngestChart), {
  ssr: false,
  loading: () => <div className="h-28" />,
});

/** Whether anything is wrong, where and since when: the page to begin a day with. */
export function OverviewView() {
  const t = useTranslations("overview");
  const [{ range }, setFilters] = useQueryStates(FILTERS, { history: "push" });
  const nowMs = useNow();
  // On the server, and until the page has its clock, the time is 0.
  const stats = useQuery({ ...statsQuery(statsQueryOf(range, nowMs)), enabled: nowMs > 0 });

  return (
    <>
      <PageHead title={t("title")}>{stats.data ? <Sentence stats={stats.data} range={range} /> : t("sentence.loading")}</PageHead>
      <search aria-label={t("filters")} className="shrink-0 border-b px-3 pb-2">
        <div className={FILTER_ROW}>
          <Select
            label={t("range")}
            anyLabel={t("ranges.24h")}
            value={range}
            groups={[{ label: null, options: RANGES.map((value) => ({ value, label: t(`ranges.${value}`) })) }]}
            onChange={(value) => void setFilters({ range: value ?? "24h" })}
          />
        </div>
      </search>
      {stats.isPending ? (
        <OverviewSkeleton />
      ) : !stats.data ? (
        <ProblemState error={stats.error} onRetry={() => void stats.refetch()} />
      ) : isEmpty(stats.data) ? (
        <NothingYet />
      ) : (
        <Overview stats={stats.data} />
      )}
    </>
  );
}

/** Drawn anew when the numbers change, not with every tick of the clock. */
const Overview = memo(function Overview({ stats }: { stats: StatsResponse }) {
  const t = useTranslations("overview");
  const sums = {
    spans: stats.totals.spans,
    logs: stats.ingest.reduce((sum, { logs }) => sum + logs, 0),
    rejected: stats.ingest.reduce((sum, { rejected }) => sum + rejected, 0),
  };
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" data-testid="overview">
      <div className="grid gap-x-6 gap-y-5 p-3 lg:grid-cols-3">
        <Panel title={t("findings.title")} note={t("findings.hint")} className="lg:col-span-2">
          <FindingsChart stats={stats} />
        </Panel>
        <Panel title={t("ages.title")}>
          <OpenAges stats={stats} />
        </Panel>
        <Panel title={t("services.title")} className="lg:col-span-3">
          <ServiceTable services={stats.services} />
        </Panel>
        <Panel title={t("ingest.title")} note={`${t("ingest.sums", sums)}. ${t("ingest.hint")}`} className="lg:col-span-3">
          <IngestChart stats={stats} />
        </Panel>
      </div>
    </div>
  );
});

const isEmpty = ({ totals, services }: StatsResponse): boolean =>
  totals.spans === 0 && totals.openFindings === 0 && totals.openSpans === 0 && services.length === 0;

function Sentence({ stats: { totals }, range }: { stats: StatsResponse; range: Range }) {
  const t = useTranslations("overview");
  const span = t(`span.${range}`);
  if (totals.openFindings > 0)
    return t("sentence.open", { findings: totals.openFindings, spans: totals.spans, open: totals.openSpans, range: span });
  if (totals.spans === 0) return t("sentence.nothing", { range: span });
  return (
    <>
      {t("sentence.well", { spans: totals.spans, checks: totals.checks })}{" "}
      <Link href="/docs/checks/README" className="underline decoration-line-strong underline-offset-2">
        {t("checks")}
      </Link>
    </>
  );
}

function NothingYet() {
  const t = useTranslations("overview.empty");
  return (
    <EmptyState
      title={t("title")}
      actions={
        <Link href="/setup" className={buttonClass({ look: "solid", size: "medium" })}>
          {t("setup")}
        </Link>
      }
    >
      {t("body")}
    </EmptyState>
  );
}
