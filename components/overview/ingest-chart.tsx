"use client";

import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { Area, AreaChart, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useLocale, useTranslations } from "use-intl";
import type { StatsResponse } from "@/lib/api/contract/status";
import { ChartTip } from "./chart-tip";
import { tracesHref } from "./range";
import { AXIS, tickOf } from "./time-axis";
import { useDrag } from "./use-drag";

const LINES = ["spans", "logs", "rejected"] as const;
type Line = (typeof LINES)[number];
const LOOKS: Record<Line, { stroke: string; fill: string }> = {
  spans: { stroke: "var(--hue-5)", fill: "var(--hue-5)" },
  logs: { stroke: "var(--hue-7)", fill: "none" },
  rejected: { stroke: "var(--abandoned)", fill: "none" },
};

/** What came in over time, as one thin strip. A drag opens the traces of that time. */
export function IngestChart({ stats }: { stats: StatsResponse }) {
  const t = useTranslations("overview.ingest");
  const locale = useLocale();
  const router = useRouter();
  const points = useMemo(() => stats.ingest.map(({ at, ...counts }) => ({ atMs: Date.parse(at), ...counts })), [stats]);
  const rangeMs = Date.parse(stats.to) - Date.parse(stats.from);
  const { drag, handlers } = useDrag(stats.bucketMs, (stretch) => router.push(tracesHref(stretch)));
  return (
    <div className="h-28 select-none" data-testid="ingest-chart">
      <ResponsiveContainer width="100%" height="100%">
        <AreaChart data={points} margin={{ top: 4, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false} {...handlers}>
          <XAxis dataKey="atMs" tickFormatter={(ms: number) => tickOf(ms, rangeMs, locale)} minTickGap={40} {...AXIS} />
          <YAxis
            width={40}
            allowDecimals={false}
            tickCount={3}
            tickFormatter={(count: number) => compact(count, locale)}
            {...AXIS}
            axisLine={false}
          />
          <Tooltip
            cursor={{ stroke: "var(--line-strong)" }}
            isAnimationActive={false}
            content={({ active, label, payload }) =>
              active ? (
                <ChartTip
                  atMs={Number(label)}
                  lines={(payload ?? []).map(({ dataKey, value }) => ({ label: t(`line.${dataKey as Line}`), value: Number(value) }))}
                />
              ) : null
            }
          />
          {LINES.map((line) => (
            <Area
              key={line}
              dataKey={line}
              type="stepAfter"
              fillOpacity={0.25}
              strokeWidth={1.25}
              isAnimationActive={false}
              {...LOOKS[line]}
            />
          ))}
          {drag === null ? null : (
            <ReferenceArea x1={Math.min(drag.from, drag.to)} x2={Math.max(drag.from, drag.to)} fill="var(--ink)" fillOpacity={0.12} />
          )}
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
}

const compact = (count: number, locale: string) => new Intl.NumberFormat(locale, { notation: "compact" }).format(count);
