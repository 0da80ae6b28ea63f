"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useLocale, useTranslations } from "use-intl";
import { PageHead } from "@/components/shell/page-head";
import { formatAge, formatDuration } from "@/components/trace/format";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import { Select } from "@/components/ui/select";
import { FILTER_ROW, TextFilter } from "@/components/ui/text-filter";
import { useNow } from "@/components/use-now";
import type { OpenSpanJson } from "@/lib/api/contract/traces";
import { openSpanPagesQuery } from "@/lib/api/queries/traces";
import { FILTERS, MIN_AGES, OPEN_STATES, openQueryOf } from "./filters";
import { OpenSkeleton, OpenTable } from "./open-table";
import { useSpanName } from "./span-name";

const PAGE_SIZE = 100;

/** Who is open right now, oldest first: pg_stat_activity for spans. */
export function OpenNowView() {
  const t = useTranslations("open");
  const words = useTranslations("words.state");
  const common = useTranslations("common");
  const locale = useLocale();
  const [filters, setFilters] = useQueryStates(FILTERS, { history: "push" });
  const list = useInfiniteQuery(openSpanPagesQuery({ ...openQueryOf(filters), limit: PAGE_SIZE }));
  const spans = list.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = Object.values(filters).some((value) => value !== null);

  return (
    <>
      <PageHead title={t("title")}>{list.data ? <Sentence spans={spans} hasMore={list.hasNextPage} /> : null}</PageHead>
      <search aria-label={t("filters")} className="shrink-0 border-b px-3 pb-2">
        <div className={FILTER_ROW}>
          <TextFilter
            label={t("filter.service")}
            value={filters.service}
            onChange={(service) => void setFilters({ service })}
            className="max-md:w-40 md:w-44"
          />
          <Select
            label={t("filter.state")}
            anyLabel={common("any")}
            value={filters.state}
            groups={[{ label: null, options: OPEN_STATES.map((value) => ({ value, label: words(value) })) }]}
            onChange={(state) => void setFilters({ state })}
          />
          <Select
            label={t("filter.minAge")}
            anyLabel={common("any")}
            value={filters.minAge === null ? null : (String(filters.minAge) as (typeof MIN_AGES)[number])}
            groups={[{ label: null, options: MIN_AGES.map((value) => ({ value, label: formatDuration(Number(value), locale) })) }]}
            onChange={(value) => void setFilters({ minAge: value === null ? null : Number(value) })}
          />
        </div>
      </search>
      {list.isPending ? (
        <OpenSkeleton />
      ) : list.error && spans.length === 0 ? (
        <ProblemState error={list.error} onRetry={() => void list.refetch()} />
      ) : spans.length === 0 ? (
        <NothingOpen isFiltered={isFiltered} onClear={() => void setFilters({ service: null, state: null, minAge: null })} />
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <OpenTable spans={spans} loadedMs={list.dataUpdatedAt} />
          {list.hasNextPage ? (
            <Button className="m-3" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {common("more")}
            </Button>
          ) : null}
        </div>
      )}
    </>
  );
}

function NothingOpen({ isFiltered, onClear }: { isFiltered: boolean; onClear(): void }) {
  const t = useTranslations("open.empty");
  const common = useTranslations("common");
  if (!isFiltered) return <EmptyState title={t("title")}>{t("body")}</EmptyState>;
  return <EmptyState title={t("filtered")} actions={<Button onClick={onClear}>{common("clearAll")}</Button>} />;
}

function Sentence({ spans, hasMore }: { spans: readonly OpenSpanJson[]; hasMore: boolean }) {
  const t = useTranslations("open.sentence");
  const locale = useLocale();
  const now = useNow();
  const nameOf = useSpanName();
  const open = spans.filter((span) => span.state !== "missing");
  const missing = spans.length - open.length;
  const [oldest] = open;
  return (
    <>
      {oldest === undefined
        ? t("none")
        : t.rich("some", {
            count: open.length,
            more: hasMore ? "yes" : "no",
            dead: open.filter((span) => span.state === "abandoned").length,
            age: formatAge(now - Number(BigInt(oldest.startTimeUnixNano) / 1_000_000n), locale),
            name: () => <code className="foreign rounded-sm bg-fill-strong px-1 font-mono">{nameOf(oldest)}</code>,
          })}{" "}
      {missing > 0 ? t("missing", { count: missing }) : null}
    </>
  );
}
