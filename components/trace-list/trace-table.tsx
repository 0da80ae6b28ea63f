"use client";
"use no memo"; // the virtualizer is one object that changes inside, which the compiler must not hold on to

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { useIsPhone } from "@/components/ui/use-media";
import type { TraceSummary } from "@/lib/api/contract/traces";
import { COLUMNS, TraceRow } from "./trace-row";

const ROW_PX = 32;
const PHONE_ROW_PX = 56;
/** Older traces are asked for when the reader comes within so many rows of the end. */
const AHEAD_ROWS = 10;

interface TraceTableProps {
  rows: readonly TraceSummary[];
  newCount: number;
  newCapped: boolean;
  hasOlder: boolean;
  isLoadingOlder: boolean;
  onOlder(): void;
  onTakeNew(): void;
}

export function TraceTable({ rows, newCount, newCapped, hasOlder, isLoadingOlder, onOlder, onTakeNew }: TraceTableProps) {
  const t = useTranslations("traces");
  const scrollRef = useRef<HTMLDivElement>(null);
  const rowPx = useIsPhone() ? PHONE_ROW_PX : ROW_PX;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again because the height of rows is another one
  useEffect(() => virtualizer.measure(), [virtualizer, rowPx]);

  const atTop = (virtualizer.scrollOffset ?? 0) < rowPx / 2;
  // At the top nothing can be lost by a row coming in; further down it is only announced.
  useEffect(() => {
    if (newCount > 0 && atTop) onTakeNew();
  }, [newCount, atTop, onTakeNew]);

  const lastIndex = virtualizer.getVirtualItems().at(-1)?.index ?? 0;
  const nearEnd = rows.length > 0 && lastIndex >= rows.length - AHEAD_ROWS;
  useEffect(() => {
    if (nearEnd && hasOlder && !isLoadingOlder) onOlder();
  }, [nearEnd, hasOlder, isLoadingOlder, onOlder]);

  function showNew() {
    onTakeNew();
    scrollRef.current?.scrollTo({ top: 0 });
  }

  const longestMs = rows.reduce((longest, trace) => Math.max(longest, trace.durationMs ?? 0), 0);
  const label = newCapped ? t("newTracesMany", { count: newCount }) : t("newTraces", { count: newCount });
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {newCount > 0 && !atTop ? (
        <Button look="solid" className="absolute top-10 left-1/2 z-20 -translate-x-1/2 rounded-full" onClick={showNew}>
          <span aria-live="polite">{label}</span>
        </Button>
      ) : null}
      <section ref={scrollRef} aria-label={t("title")} className="min-h-0 flex-1 overflow-y-auto" data-testid="trace-rows">
        <table className="block" aria-rowcount={rows.length + 1}>
          <TableHead />
          <tbody className="relative block" style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map((item) => {
              const trace = rows[item.index];
              return trace === undefined ? null : (
                <TraceRow
                  key={trace.traceId}
                  trace={trace}
                  longestMs={longestMs}
                  rowIndex={item.index + 2}
                  style={{ height: item.size, transform: `translateY(${item.start}px)` }}
                />
              );
            })}
          </tbody>
        </table>
        <div className="flex h-12 items-center justify-center text-ink-faint text-small">
          {isLoadingOlder ? t("loadingOlder") : hasOlder ? <Button onClick={onOlder}>{t("older")}</Button> : t("end")}
        </div>
      </section>
    </div>
  );
}

/** The heads of the columns; also stands above the skeleton, so that nothing shifts when data comes. */
export function TableHead() {
  const t = useTranslations("traces.column");
  return (
    <thead className="sticky top-0 z-10 block border-b bg-paper text-ink-faint text-tiny max-md:hidden">
      <tr aria-rowindex={1} className={cn("grid h-7 items-center gap-x-3 px-3 text-left *:font-normal", COLUMNS)}>
        <th scope="col">
          <span className="sr-only">{t("state")}</span>
        </th>
        <th scope="col">{t("name")}</th>
        <th scope="col">{t("services")}</th>
        <th scope="col" className="text-right">
          {t("spans")}
        </th>
        <th scope="col">{t("findings")}</th>
        <th scope="col" className="pl-24">
          {t("duration")} (log)
        </th>
        <th scope="col" className="text-right">
          {t("age")}
        </th>
      </tr>
    </thead>
  );
}
