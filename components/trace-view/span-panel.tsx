"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLocale, useTranslations } from "use-intl";
import { CopyId } from "@/components/trace/copy-id";
import { FindingBadge } from "@/components/trace/finding-badge";
import { formatDuration, formatUnixNano } from "@/components/trace/format";
import { RichSentence } from "@/components/trace/rich-sentence";
import { ServiceName } from "@/components/trace/service-name";
import { SpanStateBadge } from "@/components/trace/span-state";
import { CopyButton } from "@/components/ui/copy-button";
import { ProblemState } from "@/components/ui/problem";
import { Skeleton } from "@/components/ui/skeleton";
import type { SpanTable } from "@/components/waterfall/span-table";
import type { FindingJson } from "@/lib/api/contract/findings";
import type { ProcessJson, SpanDetails } from "@/lib/api/contract/traces";
import { spanQuery } from "@/lib/api/queries/traces";
import { AttributeTable } from "./attribute-table";
import { LogList } from "./log-list";
import { RecordList } from "./record-list";

interface SpanPanelProps {
  traceId: string;
  table: SpanTable;
  row: number | null;
  hue: number;
  findings: readonly FindingJson[];
  processes: readonly ProcessJson[];
  traceLogCount: number;
  onFindingOpen(finding: FindingJson): void;
}

/** Everything known about one span, and how we know it. */
export function SpanPanel(props: SpanPanelProps) {
  const { table, row, hue, findings, onFindingOpen } = props;
  const t = useTranslations("trace");
  const common = useTranslations("common");
  if (row === null) return <p className="p-4 text-ink-soft">{t("span.none")}</p>;
  const spanId = table.spanId(row);
  const isUnseen = table.isUnseen(row);
  const about = findings.filter((finding) => finding.missingSpanId === spanId || finding.spanIds.includes(spanId));
  return (
    <article className="flex flex-col gap-4 p-4" data-testid="span-panel">
      <header className="flex flex-col gap-1">
        <h2 className="foreign font-semibold text-data">
          {isUnseen
            ? t(table.state(row) === "missing" ? "row.missing" : "row.unseen", { id: spanId })
            : table.name(row) || common("unnamed")}
        </h2>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <SpanStateBadge state={table.state(row)} />
          <ServiceName service={table.service(row)} hue={hue} className="text-small" />
          <CopyId id={spanId} full />
        </div>
      </header>
      {about.length === 0 ? null : (
        <ul className="flex flex-col gap-1">
          {about.map((finding) => (
            <li key={finding.id}>
              <button
                type="button"
                onClick={() => onFindingOpen(finding)}
                className="w-full rounded-md border px-2 py-1.5 text-left text-small hover:bg-fill"
              >
                <FindingBadge kind={finding.kind} className="font-medium" /> <RichSentence text={finding.title} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {isUnseen ? <UnseenSpan table={table} row={row} /> : <ReceivedSpan key={table.key(row)} {...props} spanId={spanId} />}
    </article>
  );
}

function UnseenSpan({ table, row }: { table: SpanTable; row: number }) {
  const t = useTranslations("trace.span");
  let children = 0;
  for (let child = row + 1; child < (table.subtreeEnd[row] ?? 0); child = table.subtreeEnd[child] ?? table.count) children++;
  return <p className="text-ink-soft">{t(table.state(row) === "missing" ? "missingBody" : "unseenBody", { count: children })}</p>;
}

function ReceivedSpan({ traceId, spanId, processes, traceLogCount }: SpanPanelProps & { spanId: string }) {
  const t = useTranslations("trace.span");
  const common = useTranslations("common");
  const { data, error, isPending, refetch } = useQuery(spanQuery(traceId, spanId));
  if (isPending) return <PanelSkeleton />;
  if (!data) return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : null;
  return (
    <>
      <Facts details={data} process={processes.find((process) => process.id === data.span.processId)} />
      <Section
        title={t("attributes")}
        aside={<CopyButton text={JSON.stringify(data, null, 2)} label={t("copyJson")} doneLabel={common("copied")} iconOnly />}
      >
        <AttributeTable attributes={data.attributes} filters />
      </Section>
      {data.events.length === 0 ? null : (
        <Section title={t("events")}>
          <Events details={data} />
        </Section>
      )}
      {data.links.length === 0 ? null : (
        <Section title={t("links")}>
          <Links details={data} />
        </Section>
      )}
      <Section title={t("logs")}>
        <LogList traceId={traceId} spanId={spanId} traceLogCount={traceLogCount} />
      </Section>
      <Section title={t("records")}>
        <p className="text-ink-soft text-small">{t("recordsMeans")}</p>
        <RecordList records={data.records} />
      </Section>
      <Section title={t("resource")}>
        <AttributeTable attributes={data.resourceAttributes} />
      </Section>
    </>
  );
}

function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1.5">
      <div className="flex min-h-5 items-center justify-between">
        <h3 className="font-semibold text-ink-faint text-tiny uppercase tracking-wide">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

function PanelSkeleton() {
  const common = useTranslations("common");
  return (
    <div role="status" aria-label={common("loading")} className="flex flex-col gap-3">
      {["w-40", "w-56", "w-48", "w-64", "w-32", "w-52"].map((width) => (
        <Skeleton key={width} className={width} />
      ))}
    </div>
  );
}

function Facts({ details, process }: { details: SpanDetails; process: ProcessJson | undefined }) {
  const t = useTranslations("trace.span");
  const words = useTranslations("words");
  const locale = useLocale();
  const { span } = details;
  const durationMs = span.endTimeUnixNano === null ? null : Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6;
  const status = span.statusMessage ? `${words(`status.${span.statusCode}`)} · ${span.statusMessage}` : words(`status.${span.statusCode}`);
  const facts: [string, ReactNode][] = [
    [t("start"), formatUnixNano(span.startTimeUnixNano)],
    [t("end"), span.endTimeUnixNano === null ? t("notEnded") : formatUnixNano(span.endTimeUnixNano)],
    ...(durationMs === null ? [] : [[t("duration"), formatDuration(durationMs, locale)] as [string, ReactNode]]),
    ...(span.lastActivityUnixNano === null ? [] : [[t("lastActivity"), formatUnixNano(span.lastActivityUnixNano)] as [string, ReactNode]]),
    [t("kind"), span.kind],
    [t("status"), status],
    ...(span.parentSpanId === null ? [] : [[t("parent"), <CopyId key="parent" id={span.parentSpanId} full />] as [string, ReactNode]]),
    ...(process ? [[t("process"), <ProcessFact key="process" process={process} />] as [string, ReactNode]] : []),
    ...(details.scope.name === "" ? [] : [[t("scope"), `${details.scope.name} ${details.scope.version}`] as [string, ReactNode]]),
    ...(details.traceState ? [[t("traceState"), details.traceState] as [string, ReactNode]] : []),
    ...(details.flags === 0 ? [] : [[t("flags"), `0x${details.flags.toString(16)}`] as [string, ReactNode]]),
    ...(details.droppedCount === 0 ? [] : [[t("dropped"), t("droppedCount", { count: details.droppedCount })] as [string, ReactNode]]),
  ];
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-small">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="foreign tabular">{value}</dd>
        </div>
      ))}
      {span.marks.map((mark) => (
        <dd key={mark} className="col-span-2 text-stale-ink">
          {t("mark", { mark })}
        </dd>
      ))}
    </dl>
  );
}

function ProcessFact({ process }: { process: ProcessJson }) {
  const t = useTranslations("trace.process");
  const words = useTranslations("words.processState");
  return (
    <>
      {process.pid === null ? t("noPid") : t("pid", { pid: String(process.pid) })} · {words(process.state)}
      <span className="block text-ink-soft">
        <RichSentence text={process.because} />
      </span>
    </>
  );
}

function Events({ details }: { details: SpanDetails }) {
  return (
    <ol className="flex flex-col gap-2">
      {details.events.map((event, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no id
        <li key={at} className="rounded-md border px-2 py-1.5 text-small">
          <p className="flex flex-wrap justify-between gap-x-2">
            <span className="foreign font-medium">{event.name}</span>
            <time className="tabular text-ink-soft">{formatUnixNano(event.timeUnixNano).slice(11)}</time>
          </p>
          {event.attributes.length === 0 ? null : <AttributeTable attributes={event.attributes} />}
        </li>
      ))}
    </ol>
  );
}

function Links({ details }: { details: SpanDetails }) {
  return (
    <ul className="flex flex-col gap-2">
      {details.links.map((link, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same link may come twice
        <li key={at} className="text-small">
          <a
            href={`/traces/${encodeURIComponent(link.traceId)}?span=${encodeURIComponent(link.spanId)}`}
            className="font-mono underline underline-offset-3"
          >
            {link.traceId.slice(0, 8)}… / {link.spanId}
          </a>
          {link.attributes.length === 0 ? null : <AttributeTable attributes={link.attributes} />}
        </li>
      ))}
    </ul>
  );
}
