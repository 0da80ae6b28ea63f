"use client";

import { useQueryStates } from "nuqs";
import { useCallback, useState } from "react";
import { useTranslations } from "use-intl";
import { PageHead } from "@/components/shell/page-head";
import { ProblemState } from "@/components/ui/problem";
import type { TraceSummary } from "@/lib/api/contract/traces";
import { EmptyTraces } from "./empty-traces";
import { FilterBar } from "./filter-bar";
import { activeFilters, FILTERS, type Filters, tracesQueryOf } from "./filters";
import { TraceSkeleton } from "./trace-skeleton";
import { TraceTable } from "./trace-table";
import { useTracePages } from "./use-trace-pages";

/** The traces page: what is wrong in one sentence, the filters, the list. */
export function TraceList() {
  const t = useTranslations("traces");
  const [filters, setFilters] = useQueryStates(FILTERS, { history: "push" });
  // "The last hour" is counted from when it was chosen, so that a page deeper down means the same hour.
  const [nowMs, setNowMs] = useState(() => Date.now());
  const list = useTracePages(tracesQueryOf(filters, nowMs));

  const change = useCallback(
    (next: Partial<Filters>) => {
      setNowMs(Date.now());
      void setFilters(next);
    },
    [setFilters],
  );

  return (
    <>
      <PageHead title={t("title")}>
        {list.isPending || list.error ? null : (
          <Sentence rows={list.rows} partial={list.partial} isFiltered={activeFilters(filters).length > 0} />
        )}
      </PageHead>
      <FilterBar filters={filters} onChange={change} />
      {list.isPending ? (
        <TraceSkeleton />
      ) : list.error && list.rows.length === 0 ? (
        <ProblemState error={list.error} onRetry={list.retry} />
      ) : list.rows.length === 0 ? (
        <EmptyTraces filters={filters} nowMs={nowMs} onChange={change} />
      ) : (
        <TraceTable
          key={JSON.stringify(filters)}
          rows={list.rows}
          newCount={list.newCount}
          newCapped={list.newCapped}
          hasOlder={list.hasOlder}
          isLoadingOlder={list.isLoadingOlder}
          onOlder={list.loadOlder}
          onTakeNew={list.takeNew}
        />
      )}
    </>
  );
}

function Sentence({ rows, partial, isFiltered }: { rows: readonly TraceSummary[]; partial: boolean; isFiltered: boolean }) {
  const t = useTranslations("traces.sentence");
  const broken = rows.filter((trace) => trace.worstSeverity === "error" || trace.worstSeverity === "warning").length;
  const sum = (of: (trace: TraceSummary) => number) => rows.reduce((total, trace) => total + of(trace), 0);
  const main =
    rows.length === 0
      ? t(isFiltered ? "noMatch" : "none")
      : broken === 0
        ? t("well", { traces: rows.length, spans: sum((trace) => trace.spanCount) })
        : t("broken", { broken, traces: rows.length, open: sum((trace) => trace.openCount) });
  return (
    <>
      {main} {partial ? t("partial") : null}
    </>
  );
}
