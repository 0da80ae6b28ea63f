"use client";

import Link from "next/link";
import { useTranslations } from "use-intl";
import { FindingBadge } from "@/components/trace/finding-badge";
import { hueColor, hueOf } from "@/components/trace/service-hue";
import { ServiceName } from "@/components/trace/service-name";
import { AgeText, DurationText } from "@/components/trace/time-text";
import { cn } from "@/components/ui/cn";
import type { TraceSummary } from "@/lib/api/contract/traces";
import type { Kind } from "@/lib/diagnosis/finding";
import { durationFraction } from "./duration-scale";
import { healthOf, TraceHealth } from "./trace-health";

/** Columns of the list on wide screens; narrow ones stack them in two lines. */
export const COLUMNS =
  "grid-cols-[1.25rem_minmax(0,1fr)_4.5rem] md:grid-cols-[1.25rem_minmax(12rem,1fr)_minmax(8rem,13rem)_4.5rem_minmax(9rem,15rem)_minmax(8rem,13rem)_5rem]";

interface TraceRowProps {
  trace: TraceSummary;
  longestMs: number;
  rowIndex: number;
  style: React.CSSProperties;
}

export function TraceRow({ trace, longestMs, rowIndex, style }: TraceRowProps) {
  return (
    <tr
      aria-rowindex={rowIndex}
      style={style}
      className={cn(
        "group absolute inset-x-0 grid content-center items-center gap-x-3 border-b px-3 hover:bg-fill max-md:gap-y-0.5",
        COLUMNS,
      )}
    >
      <td>
        <TraceHealth health={healthOf(trace)} />
      </td>
      <td className="min-w-0">
        <RootLink trace={trace} />
      </td>
      <td className="min-w-0 max-md:order-1 max-md:col-start-2">
        <Services services={trace.services} kind={trace.kinds[0]} />
      </td>
      <td className="tabular text-right max-md:order-2 max-md:text-small">
        <span className="max-md:hidden">
          <Spans trace={trace} />
        </span>
        <span className="md:hidden">{trace.durationMs === null ? null : <DurationText ms={trace.durationMs} />}</span>
      </td>
      <td className="flex min-w-0 gap-2 overflow-hidden max-md:hidden">
        <Kinds trace={trace} />
      </td>
      <td className="min-w-0 max-md:hidden">
        <DurationBar trace={trace} longestMs={longestMs} />
      </td>
      <td className="text-right text-ink-soft max-md:text-small">
        <AgeText at={trace.firstReceivedAt} />
      </td>
    </tr>
  );
}

function RootLink({ trace }: { trace: TraceSummary }) {
  const t = useTranslations("traces.row");
  const common = useTranslations("common");
  const noRoot = trace.settled ? t("noRoot") : t("noRootYet");
  return (
    <Link
      href={`/traces/${trace.traceId}`}
      prefetch={false}
      className="flex min-w-0 items-baseline gap-2 after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ink focus-visible:after:-outline-offset-2"
    >
      {trace.rootName === null ? (
        <span className="truncate text-ink-soft italic">{noRoot}</span>
      ) : (
        <span className="foreign truncate font-medium">{trace.rootName || common("unnamed")}</span>
      )}
      <span className="shrink-0 font-mono text-ink-faint text-tiny max-md:hidden">{trace.traceId.slice(0, 7)}</span>
    </Link>
  );
}

const SERVICES_MAX = 5;

function Services({ services, kind }: { services: readonly string[]; kind: Kind | undefined }) {
  const t = useTranslations("traces.row");
  const [first, ...rest] = services;
  if (first === undefined) return null;
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-ink-soft text-small" title={services.join("\n")}>
      <ServiceName service={first} />
      {rest.slice(0, SERVICES_MAX).map((service) => (
        <span key={service} className="size-2 shrink-0 rounded-[2px]" style={{ background: hueColor(hueOf(service)) }} aria-hidden />
      ))}
      {kind === undefined ? null : <FindingBadge kind={kind} className="md:hidden" />}
      {rest.length > 0 ? <span className="text-ink-faint text-tiny">{t("moreServices", { count: rest.length })}</span> : null}
    </span>
  );
}

function Spans({ trace }: { trace: TraceSummary }) {
  const t = useTranslations("traces.row");
  const notes = [
    trace.errorCount > 0 && t("errors", { count: trace.errorCount }),
    trace.openCount > 0 && t("open", { count: trace.openCount }),
    trace.missingCount > 0 && t("missing", { count: trace.missingCount }),
  ].filter((note) => note !== false);
  return (
    <span title={[t("spans", { count: trace.spanCount }), ...notes].join(" · ")}>
      {trace.errorCount > 0 ? <span className="mr-1 font-semibold text-abandoned-ink">!</span> : null}
      {trace.spanCount.toLocaleString("en")}
    </span>
  );
}

const KINDS_MAX = 2;

function Kinds({ trace }: { trace: TraceSummary }) {
  const t = useTranslations("traces.row");
  if (trace.findingCount === 0) return null;
  const hidden = trace.kinds.length - KINDS_MAX;
  return (
    <>
      <span className="sr-only">{t("findings", { count: trace.findingCount })}</span>
      {trace.kinds.slice(0, KINDS_MAX).map((kind) => (
        <FindingBadge key={kind} kind={kind} />
      ))}
      {hidden > 0 ? <span className="shrink-0 text-ink-faint text-small">+{hidden}</span> : null}
    </>
  );
}

function DurationBar({ trace, longestMs }: { trace: TraceSummary; longestMs: number }) {
  const t = useTranslations("traces.row");
  const width = `${(durationFraction(trace.durationMs ?? 0, longestMs) * 100).toFixed(1)}%`;
  return (
    <span className="grid grid-cols-[5.5rem_1fr] items-center gap-2">
      <span className="text-right">
        {trace.durationMs === null ? (
          <span className="text-ongoing-ink text-small">{t("stillOpen")}</span>
        ) : (
          <DurationText ms={trace.durationMs} />
        )}
      </span>
      <span aria-hidden className="relative h-2">
        <span
          className={cn(
            "absolute inset-y-0 left-0 min-w-px rounded-[2px] bg-line-strong",
            trace.openCount > 0 && "rounded-r-none border-ongoing border-r-2",
          )}
          style={{ width }}
        />
      </span>
    </span>
  );
}
