"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleAlert, CircleX, Info, type LucideIcon, MessageSquareDot } from "lucide-react";
import { useTranslations } from "use-intl";
import { formatClock, formatMoment } from "@/components/trace/format";
import { ServiceName } from "@/components/trace/service-name";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { ProblemState } from "@/components/ui/problem";
import { Skeleton } from "@/components/ui/skeleton";
import type { LogJson } from "@/lib/api/contract/traces";
import { fetchJson, searchOf } from "@/lib/api/fetch-json";
import { AttributeTable } from "./attribute-table";

const PAGE_SIZE = 200;

interface LogListProps {
  traceId: string;
  /** Only the logs of this span. */
  spanId?: string;
  /** Log records in the whole trace. */
  traceLogCount: number;
  onSpanSelect?(spanId: string): void;
}

/** Log records in the order of their own times. */
export function LogList({ traceId, spanId, traceLogCount, onSpanSelect }: LogListProps) {
  const t = useTranslations("trace.logs");
  const common = useTranslations("common");
  const logs = useInfiniteQuery({
    queryKey: ["traces", "one", traceId, "logs", "pages", spanId ?? null],
    queryFn: ({ pageParam, signal }) =>
      fetchJson("LogsResponse", `/api/traces/${traceId}/logs${searchOf({ spanId, limit: PAGE_SIZE, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  const items = logs.data?.pages.flatMap((page) => page.items) ?? [];
  if (logs.isPending) return <Skeleton className="m-3 w-2/3" />;
  if (logs.error && items.length === 0) return <ProblemState error={logs.error} onRetry={() => void logs.refetch()} />;
  if (items.length === 0) {
    return (
      <p className={cn("text-ink-soft", spanId === undefined && "p-4")}>
        {spanId === undefined ? t("noneInTrace") : t("noneInSpan", { others: traceLogCount })}
      </p>
    );
  }
  return (
    <>
      <ol className="flex flex-col text-small" data-testid="logs">
        {items.map((log, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: log records have no id
          <LogItem key={at} log={log} showsSpan={spanId === undefined} onSpanSelect={onSpanSelect} />
        ))}
      </ol>
      {logs.hasNextPage ? (
        <Button className="m-3" disabled={logs.isFetchingNextPage} onClick={() => void logs.fetchNextPage()}>
          {common("more")}
        </Button>
      ) : null}
    </>
  );
}

/** OTLP severities by their ranges of four. */
function severityLook(severityNumber: number): { icon: LucideIcon; color: string } {
  if (severityNumber >= 17) return { icon: CircleX, color: "text-abandoned-ink" };
  if (severityNumber >= 13) return { icon: CircleAlert, color: "text-stale-ink" };
  if (severityNumber >= 9) return { icon: Info, color: "text-ink-soft" };
  return { icon: MessageSquareDot, color: "text-ink-faint" };
}

function LogItem({ log, showsSpan, onSpanSelect }: { log: LogJson; showsSpan: boolean; onSpanSelect?: (spanId: string) => void }) {
  const t = useTranslations("trace.logs");
  const { icon: Icon, color } = severityLook(log.severityNumber);
  const atMs = Number(BigInt(log.timeUnixNano) / 1_000_000n);
  return (
    <li className="border-b px-3 py-1 [contain-intrinsic-size:auto_28px] [content-visibility:auto]">
      <details>
        <summary className="flex list-none items-baseline gap-2 marker:hidden">
          <time title={formatMoment(atMs)} className="tabular shrink-0 font-mono text-ink-faint text-tiny">
            {formatClock(atMs)}
          </time>
          <span className={cn("flex w-14 shrink-0 items-center gap-1 self-center text-tiny uppercase", color)}>
            <Icon aria-hidden className="size-3 shrink-0" />
            <span className="truncate">{log.severityText || log.severityNumber || "–"}</span>
          </span>
          <span className="foreign min-w-0 flex-1 whitespace-pre-wrap">{log.message || log.eventName}</span>
          {showsSpan ? <ServiceName service={log.service} className="max-w-40 shrink-0 text-ink-faint text-tiny max-md:hidden" /> : null}
        </summary>
        <div className="py-1.5 pl-4">
          <AttributeTable attributes={log.attributes} />
        </div>
      </details>
      {showsSpan ? (
        log.spanId === null ? (
          <span className="text-ink-faint text-tiny">{t("withoutSpan")}</span>
        ) : onSpanSelect ? (
          <SpanLink label={t("goToSpan")} onOpen={() => onSpanSelect(log.spanId ?? "")} />
        ) : null
      ) : null}
    </li>
  );
}

function SpanLink({ label, onOpen }: { label: string; onOpen(): void }) {
  return (
    <button
      type="button"
      onClick={onOpen}
      className="text-ink-faint text-tiny underline decoration-line-strong underline-offset-2 hover:text-ink"
    >
      {label}
    </button>
  );
}
