import { useTranslations } from "use-intl";
import { formatClock, formatMoment, shortId } from "@/components/trace/format";
import { cn } from "@/components/ui/cn";
import type { SpanDetails } from "@/lib/api/contract/traces";

/** How do we know? Every report that arrived about a span: when, in which request, over which connection. */
export function RecordList({ records }: { records: SpanDetails["records"] }) {
  const t = useTranslations("trace.span");
  return (
    <ol className="flex flex-col gap-1.5 text-small">
      {records.map((record, at) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a request can hold two equal reports
          key={at}
          id={`request-${record.requestId}`}
          className={cn("rounded-md border px-2 py-1.5", record.decides && "border-line-strong bg-fill")}
        >
          <p className="flex flex-wrap items-baseline justify-between gap-x-2">
            <span className="font-medium">
              {t(`record.phase.${record.phase}`)} <span className="font-normal text-ink-soft">· {t(`dialect.${record.dialect}`)}</span>
            </span>
            <time dateTime={record.receivedAt} title={formatMoment(Date.parse(record.receivedAt))} className="tabular text-ink-soft">
              {t("record.received")} {formatClock(Date.parse(record.receivedAt))}
            </time>
          </p>
          <p className="foreign flex flex-wrap gap-x-2 font-mono text-ink-faint text-tiny">
            <span title={record.requestId}>{t("record.request", { id: shortId(record.requestId, 4, 4) })}</span>
            <span title={record.connectionId}>{t("record.connection", { id: shortId(record.connectionId, 4, 4) })}</span>
            {record.pid === null ? null : <span>{t("record.pid", { pid: String(record.pid) })}</span>}
          </p>
          {record.decides && record.phase === "end" ? <p className="text-ink-soft text-tiny">{t("record.decides")}</p> : null}
        </li>
      ))}
    </ol>
  );
}
