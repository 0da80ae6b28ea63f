"use client";

import { ArrowLeft, CircleDotDashed, CircleHelp, Dot, Download } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "use-intl";
import { CopyId } from "@/components/trace/copy-id";
import { formatAge } from "@/components/trace/format";
import { ServiceName } from "@/components/trace/service-name";
import { DurationText } from "@/components/trace/time-text";
import { Button, buttonClass } from "@/components/ui/button";
import { useNow } from "@/components/use-now";
import type { TraceSummary } from "@/lib/api/contract/traces";

interface TraceHeaderProps {
  trace: TraceSummary;
  settled: boolean;
  processCount: number;
  /** ms that the server's clock is ahead of this browser's. */
  clockAheadMs: number;
  onHelp(): void;
}

/** Which trace this is, and whether more of it is to come. */
export function TraceHeader({ trace, settled, processCount, clockAheadMs, onHelp }: TraceHeaderProps) {
  const t = useTranslations("trace");
  const common = useTranslations("common");
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-0.5 px-3 pt-2 pb-1">
      <Link href="/traces" aria-label={t("back")} className={buttonClass({ look: "quiet", size: "icon" }, "-ml-1")}>
        <ArrowLeft aria-hidden />
      </Link>
      <h1 className="foreign min-w-0 max-w-full flex-1 basis-24 truncate font-semibold text-lead md:flex-none md:max-w-[50%]">
        {trace.rootName === null ? t("noRoot") : trace.rootName || common("unnamed")}
      </h1>
      <p className="order-last flex w-full min-w-0 flex-wrap items-center gap-x-1 text-ink-soft text-small md:order-none md:w-auto md:flex-1">
        {trace.rootService === null ? null : (
          <>
            <ServiceName service={trace.rootService} />
            <Separator />
          </>
        )}
        {trace.durationMs === null ? null : (
          <>
            <DurationText ms={trace.durationMs} />
            <Separator />
          </>
        )}
        {trace.services.length > 1 ? (
          <>
            <span>{t("services", { count: trace.services.length })}</span>
            <Separator />
          </>
        ) : null}
        <span>{t("processes", { count: processCount })}</span>
        <Separator />
        <Settling settled={settled} at={trace.lastReceivedAt} clockAheadMs={clockAheadMs} />
      </p>
      <div className="flex items-center gap-1">
        <CopyId id={trace.traceId} className="max-md:hidden" />
        <a
          href={`/api/traces/${trace.traceId}/export`}
          download={`${trace.traceId}.json`}
          title={t("exportMeans")}
          className={buttonClass({})}
        >
          <Download aria-hidden />
          {t("export")}
        </a>
        <Button look="quiet" size="icon" aria-label={t("help")} title={`${t("help")} (?)`} onClick={onHelp} className="max-md:hidden">
          <CircleHelp aria-hidden />
        </Button>
      </div>
    </header>
  );
}

const Separator = () => <Dot aria-hidden className="size-3 text-ink-faint" />;

function Settling({ settled, at, clockAheadMs }: { settled: boolean; at: string; clockAheadMs: number }) {
  const t = useTranslations("trace");
  const age = formatAge(useNow() + clockAheadMs - Date.parse(at), useLocale());
  return settled ? (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className="size-1.5 rounded-full bg-well" />
      {t("settled", { age })}
    </span>
  ) : (
    <span className="inline-flex items-center gap-1 text-ongoing-ink" title={t("arrivingMeans")}>
      <CircleDotDashed aria-hidden className="size-3.5" />
      {t("arriving", { age })}
    </span>
  );
}
