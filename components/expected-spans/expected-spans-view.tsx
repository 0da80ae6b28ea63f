"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "use-intl";
import { PageHead } from "@/components/shell/page-head";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import { Skeleton } from "@/components/ui/skeleton";
import { expectedSpansQuery } from "@/lib/api/queries/expected-spans";
import { ExpectedSpanRow } from "./expected-span-row";
import { NewExpectedSpan } from "./new-expected-span";

/** Which spans may be open for long, and how many each rule excuses now: what is suppressed is never out of sight. */
export function ExpectedSpansView() {
  const t = useTranslations("findings.expected");
  const { data, error, isPending, refetch } = useQuery(expectedSpansQuery());
  const spans = data?.items.reduce((sum, { openNow }) => sum + openNow, 0) ?? 0;
  return (
    <>
      <PageHead
        title={t("title")}
        aside={
          <Link href="/findings" className={buttonClass({ look: "link", size: "inline" }, "text-small")}>
            {t("back")}
          </Link>
        }
      >
        {data ? t("sentence", { rules: data.items.length, spans }) : null}
      </PageHead>
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        {isPending ? (
          <RulesSkeleton />
        ) : error && !data ? (
          <ProblemState error={error} onRetry={() => void refetch()} />
        ) : data.items.length === 0 ? (
          <EmptyState title={t("empty")}>
            <p>{t("emptyBody")}</p>
          </EmptyState>
        ) : (
          <ul data-testid="expected-spans">
            {data.items.map((rule) => (
              <ExpectedSpanRow key={rule.id} rule={rule} />
            ))}
          </ul>
        )}
        <div className="flex max-w-3xl flex-col gap-6 px-3 py-6">
          <p className="text-ink-soft">{t("body")}</p>
          <NewExpectedSpan />
        </div>
      </div>
    </>
  );
}

function RulesSkeleton() {
  const common = useTranslations("common");
  return (
    <div role="status" aria-label={common("loading")} className="flex flex-col gap-5 p-4">
      <Skeleton className="w-80 max-w-full" />
      <Skeleton className="w-64 max-w-full" />
    </div>
  );
}
