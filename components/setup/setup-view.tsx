"use client";

import { useQuery } from "@tanstack/react-query";
import { ArrowRight, Check } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "use-intl";
import { useLive } from "@/components/shell/live-provider";
import { PageHead } from "@/components/shell/page-head";
import { buttonClass } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { ProblemState } from "@/components/ui/problem";
import { Skeleton } from "@/components/ui/skeleton";
import type { SetupResponse } from "@/lib/api/contract/status";
import { askAgainWhileFailing } from "@/lib/api/queries/retry";
import { setupQuery } from "@/lib/api/queries/status";
import { Demo } from "./demo";
import { SnippetTabs } from "./snippet-tabs";
import { KEY_PLACE } from "./snippets";

/** A hint comes with the first span; this is for when hints do not. */
const POLL_MS = 3_000;

/** First run, and every program after it: where to send, how, and whether it arrived. */
export function SetupView() {
  const t = useTranslations("setup");
  const { paused } = useLive();
  const { data, error, refetch } = useQuery({
    ...setupQuery(),
    refetchInterval: (query) => (!paused && query.state.data?.hasTraces === false ? POLL_MS : askAgainWhileFailing(query)),
  });
  if (error && !data) return <ProblemState error={error} onRetry={() => void refetch()} />;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title={t("title")}>{data ? t(data.hasTraces ? "sentence.arrived" : "sentence.waiting") : null}</PageHead>
      <div className="flex max-w-3xl flex-col gap-8 px-3 pt-3 pb-12">
        {data ? (
          <>
            <FirstSpan setup={data} />
            <Endpoints setup={data} />
            <SnippetTabs setup={data} />
          </>
        ) : (
          <SetupSkeleton />
        )}
        <Demo />
      </div>
    </div>
  );
}

/** Flips by itself when the first span comes. */
function FirstSpan({ setup }: { setup: SetupResponse }) {
  const t = useTranslations("setup");
  return (
    <div
      role="status"
      data-testid="first-span"
      className="flex min-h-12 items-center gap-3 rounded-md border border-line-strong bg-surface px-4"
    >
      {setup.firstTraceId === null ? (
        <>
          <span aria-hidden className="h-2 w-16 rounded-[2px] border-[1.5px] border-missing border-dashed" />
          <span>{t("waiting")}</span>
        </>
      ) : (
        <>
          <Check aria-hidden className="size-4 text-well-ink" />
          <span className="flex-1">{t("arrived")}</span>
          <Link href={`/traces/${setup.firstTraceId}`} className={buttonClass({ look: "solid", size: "medium" })}>
            {t("open")}
            <ArrowRight aria-hidden />
          </Link>
        </>
      )}
    </div>
  );
}

function Endpoints({ setup }: { setup: SetupResponse }) {
  const t = useTranslations("setup");
  const common = useTranslations("common");
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-semibold">{t("endpoint.title")}</h2>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1">
        {(["http", "grpc"] as const).map((protocol) => {
          const address = setup[`${protocol}Endpoint`];
          return (
            <div key={protocol} className="contents">
              <dt className="text-ink-soft">{t(`endpoint.${protocol}`)}</dt>
              <dd className="flex min-w-0 items-center gap-1">
                <code className="foreign font-mono">{address}</code>
                <CopyButton text={address} label={`${common("copy")}: ${address}`} doneLabel={common("copied")} iconOnly />
              </dd>
            </div>
          );
        })}
      </dl>
      {setup.mode === "server" ? <p className="text-ink-soft">{t("key", { key: KEY_PLACE })}</p> : null}
    </section>
  );
}

function SetupSkeleton() {
  const common = useTranslations("common");
  return (
    <div role="status" aria-label={common("loading")} className="flex flex-col gap-4">
      <Skeleton className="h-12" />
      <Skeleton className="w-64" />
      <Skeleton className="h-48" />
    </div>
  );
}
