"use client";

import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { Bar, BarChart, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useLocale, useTranslations } from "use-intl";
import type { StatsResponse } from "@/lib/api/contract/status";
import { FAMILIES, type Family } from "@/lib/diagnosis/finding";
import { ChartTip } from "./chart-tip";
import { type Column, FAMILY_FILL, Hatching } from "./family-look";
import { FindingsByTime } from "./findings-by-time";
import { tracesHref } from "./range";
import { AXIS, tickOf } from "./time-axis";
import { useDrag } from "./use-drag";

/** Findings opened over time, one column a bucket, stacked by family. A click or a drag opens the traces of that time. */
export function FindingsChart({ stats }: { stats: StatsResponse }) {
  const t = useTranslations("overview.findings");
  const words = useTranslations("words.family");
  const locale = useLocale();
  const router = useRouter();
  const columns = useMemo(() => columnsOf(stats), [stats]);
  // Those that come first in the design stand lowest.
  const families = FAMILIES.filter((family) => columns.some((column) => (column[family] ?? 0) > 0));
  const rangeMs = Date.parse(stats.to) - Date.parse(stats.from);
  const { drag, handlers } = useDrag(stats.bucketMs, (stretch) => router.push(tracesHref(stretch, { state: "with-findings" })));
  if (families.length === 0) return <p className="text-ink-soft">{t("none")}</p>;
  return (
    <>
      <Legend families={families} />
      <div className="h-52 select-none" data-testid="findings-chart">
        <ResponsiveContainer width="100%" height="100%">
          <BarChart
            data={columns}
            barCategoryGap={1}
            margin={{ top: 4, right: 4, bottom: 0, left: 0 }}
            accessibilityLayer={false}
            {...handlers}
          >
            <Hatching />
            <XAxis dataKey="atMs" tickFormatter={(ms: number) => tickOf(ms, rangeMs, locale)} minTickGap={32} {...AXIS} />
            <YAxis width={32} allowDecimals={false} {...AXIS} axisLine={false} />
            <Tooltip
              cursor={{ fill: "var(--fill)" }}
              isAnimationActive={false}
              content={({ active, label, payload }) =>
                active ? (
                  <ChartTip
                    atMs={Number(label)}
                    lines={(payload ?? []).map(({ dataKey, value }) => ({ label: words(dataKey as Family), value: Number(value) }))}
                  />
                ) : null
              }
            />
            {families.map((family) => (
              <Bar
                key={family}
                dataKey={family}
                stackId="findings"
                fill={FAMILY_FILL[family]}
                isAnimationActive={false}
                className="cursor-pointer"
              />
            ))}
            {drag === null ? null : (
              <ReferenceArea x1={Math.min(drag.from, drag.to)} x2={Math.max(drag.from, drag.to)} fill="var(--ink)" fillOpacity={0.12} />
            )}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <FindingsByTime columns={columns} families={families} bucketMs={stats.bucketMs} />
    </>
  );
}

function Legend({ families }: { families: readonly Family[] }) {
  const words = useTranslations("words.family");
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 pb-1 text-small">
      {families.map((family) => (
        <li key={family} className="flex items-center gap-1.5">
          <svg aria-hidden width={10} height={10}>
            <Hatching />
            <rect width={10} height={10} rx={2} fill={FAMILY_FILL[family]} />
          </svg>
          {words(family)}
        </li>
      ))}
    </ul>
  );
}

function columnsOf({ findings, ingest }: StatsResponse): Column[] {
  const columns = new Map<string, Column>(ingest.map(({ at }) => [at, { atMs: Date.parse(at) }]));
  for (const { at, family, count } of findings) {
    const column = columns.get(at);
    if (column !== undefined) column[family] = count;
  }
  return [...columns.values()];
}
