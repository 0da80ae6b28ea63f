"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useMemo } from "react";
import { useTranslations } from "use-intl";
import { useLive } from "@/components/shell/live-provider";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import { spanTableOf } from "@/components/waterfall/span-table";
import { ProblemError } from "@/lib/api/problem-error";
import { askAgainWhileFailing } from "@/lib/api/queries/retry";
import { traceColumnsQuery } from "@/lib/api/queries/trace-columns";
import { LoadedTrace } from "./loaded-trace";
import { TraceSkeleton } from "./trace-skeleton";

/** Time alone settles a trace, and no hint tells of that. */
const UNSETTLED_POLL_MS = 5_000;

/** The page of one trace, in each of its conditions. */
export function TraceView({ traceId }: { traceId: string }) {
  const { paused } = useLive();
  const { data, error, isPending, refetch, dataUpdatedAt } = useQuery({
    ...traceColumnsQuery(traceId),
    refetchInterval: (query) =>
      !paused && query.state.data && !query.state.data.settled ? UNSETTLED_POLL_MS : askAgainWhileFailing(query),
  });
  const table = useMemo(() => data && spanTableOf(data), [data]);

  if (isPending) return <TraceSkeleton />;
  if (!data || !table) {
    if (error instanceof ProblemError && (error.status === 404 || error.status === 400)) return <NoSuchTrace />;
    return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : null;
  }
  return <LoadedTrace key={traceId} data={data} table={table} clockAheadMs={Date.parse(data.now) - dataUpdatedAt} />;
}

function NoSuchTrace() {
  const t = useTranslations("errors.traceNotFound");
  return (
    <EmptyState
      title={t("title")}
      actions={
        <Link href="/traces" className={buttonClass({ look: "solid", size: "medium" })}>
          {t("action")}
        </Link>
      }
    >
      {t("body")}
    </EmptyState>
  );
}
