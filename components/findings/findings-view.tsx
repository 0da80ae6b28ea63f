"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useTranslations } from "use-intl";
import { useLive } from "@/components/shell/live-provider";
import { PageHead } from "@/components/shell/page-head";
import { Button, buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import type { FindingGroupJson } from "@/lib/api/contract/findings";
import { findingGroupPagesQuery } from "@/lib/api/queries/findings";
import { statsQuery } from "@/lib/api/queries/status";
import { SEVERITIES } from "@/lib/diagnosis/finding";
import { FILTERS, type Filters, groupsQueryOf, isFiltered } from "./filters";
import { FindingFilters } from "./finding-filters";
import { GroupRow } from "./group-row";
import { GroupSkeleton } from "./group-skeleton";
import { JudgedNotice } from "./judged";

const PAGE_SIZE = 50;
/** Live updates tell of findings; that a run ended without one is seen by asking. */
const POLL_MS = 30_000;

/** The inbox: what is wrong, grouped by what it has in common. */
export function FindingsView() {
  const t = useTranslations("findings");
  const common = useTranslations("common");
  const [filters, setFilters] = useQueryStates(FILTERS, { history: "push" });
  const query = { ...groupsQueryOf(filters), limit: PAGE_SIZE };
  const { paused } = useLive();
  const list = useInfiniteQuery({ ...findingGroupPagesQuery(query), refetchInterval: paused ? false : POLL_MS });
  const groups = list.data?.pages.flatMap((page) => bySeverity(page.items)) ?? [];
  const change = (next: Partial<Filters>) => void setFilters(next);

  return (
    <JudgedNotice>
      <PageHead
        title={t("title")}
        aside={
          <Link href="/findings/expected" className={buttonClass({ look: "link", size: "inline" }, "text-small")}>
            {t("expected.link")}
          </Link>
        }
      >
        {list.data ? <Sentence groups={groups} filters={filters} /> : null}
      </PageHead>
      <FindingFilters filters={filters} onChange={change} />
      {list.isPending ? (
        <GroupSkeleton />
      ) : list.error && groups.length === 0 ? (
        <ProblemState error={list.error} onRetry={() => void list.refetch()} />
      ) : groups.length === 0 ? (
        <NoFindings filters={filters} onChange={change} />
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <ul data-testid="finding-groups">
            {groups.map((group) => (
              <GroupRow key={group.id} group={group} />
            ))}
          </ul>
          {list.hasNextPage ? (
            <Button className="m-3" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {common("more")}
            </Button>
          ) : null}
        </div>
      )}
    </JudgedNotice>
  );
}

/** What is lost first, notes last; within a severity as the server has them. Page by page, so that a new page moves nothing. */
const bySeverity = (groups: readonly FindingGroupJson[]) =>
  [...groups].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));

function Sentence({ groups, filters }: { groups: readonly FindingGroupJson[]; filters: Filters }) {
  const t = useTranslations("findings.sentence");
  const totals = useQuery(statsQuery()).data?.totals;
  if (isFiltered(filters)) return <>{t("filtered", { groups: groups.length })}</>;
  if (groups.length === 0) return <>{totals ? t("none", { spans: totals.spans, checks: totals.checks }) : null}</>;
  // What ends of processes left in several groups is one row, that of the group that stands for them.
  const count = groups.reduce((sum, group) => sum + Math.max(group.openCount, group.incident?.findings ?? 0), 0);
  const errors = groups.filter((group) => group.severity === "error" && group.openCount > 0).length;
  return <>{t("open", { count, groups: groups.length, errors })}</>;
}

/** Proof that somebody looked: never a bare tick. */
function NoFindings({ filters, onChange }: { filters: Filters; onChange(change: Partial<Filters>): void }) {
  const t = useTranslations("findings");
  const common = useTranslations("common");
  const totals = useQuery(statsQuery()).data?.totals;
  if (isFiltered(filters)) {
    return (
      <EmptyState
        title={t("empty.filtered")}
        actions={
          <Button onClick={() => onChange({ family: null, kind: null, service: null, severity: null, certainty: null, state: "open" })}>
            {common("clearAll")}
          </Button>
        }
      >
        {t("empty.filteredBody")}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={t("empty.title")} actions={<Button onClick={() => onChange({ state: "all" })}>{t("empty.past")}</Button>}>
      {totals === undefined ? null : totals.spans === 0 && totals.traces === 0 ? (
        <p>{t("empty.nothing")}</p>
      ) : (
        <p>{t("empty.body", { checks: totals.checks, spans: totals.spans, traces: totals.traces })}</p>
      )}
    </EmptyState>
  );
}
