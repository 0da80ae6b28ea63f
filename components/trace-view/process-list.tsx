import { useTranslations } from "use-intl";
import { CertaintyBadge } from "@/components/trace/certainty-badge";
import { formatClock, formatMoment, shortId } from "@/components/trace/format";
import { ProcessStateBadge } from "@/components/trace/process-state";
import { RichSentence } from "@/components/trace/rich-sentence";
import { ServiceName } from "@/components/trace/service-name";
import { cn } from "@/components/ui/cn";
import type { ProcessJson } from "@/lib/api/contract/traces";

/** The processes that sent this trace: whether they live, how we know, and by which connections they spoke. */
export function ProcessList({ processes, openId }: { processes: readonly ProcessJson[]; openId: string | null }) {
  const t = useTranslations("trace.process");
  if (processes.length === 0) return <p className="p-4 text-ink-soft">{t("none")}</p>;
  return (
    <ul data-testid="processes">
      {processes.map((process) => (
        <ProcessItem key={process.id} process={process} openId={openId} />
      ))}
    </ul>
  );
}

const scrollIntoView = (element: HTMLElement | null) => element?.scrollIntoView({ block: "center" });

function ProcessItem({ process, openId }: { process: ProcessJson; openId: string | null }) {
  const t = useTranslations("trace.process");
  const isOpen = process.id === openId || process.connections.some((connection) => connection.id === openId);
  return (
    <li ref={isOpen ? scrollIntoView : undefined} className={cn("flex flex-col gap-1.5 border-b px-4 py-3", isOpen && "bg-fill")}>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
        <span className="font-medium">{process.pid === null ? t("noPid") : t("pid", { pid: String(process.pid) })}</span>
        <ServiceName service={process.service} className="text-small" />
        <ProcessStateBadge state={process.state} />
        {process.certainty === null ? null : <CertaintyBadge certainty={process.certainty} />}
        <span className="text-ink-soft text-small">{t("openSpans", { count: process.openSpans })}</span>
      </p>
      <p>
        <RichSentence text={process.because} />
      </p>
      <p className="foreign font-mono text-ink-faint text-tiny">
        {[process.host, process.serviceInstanceId, process.sdk].filter(Boolean).join(" · ")}
      </p>
      <ul className="flex flex-col gap-0.5">
        {process.connections.map((connection) => (
          <ConnectionItem key={connection.id} connection={connection} isOpen={connection.id === openId} />
        ))}
      </ul>
    </li>
  );
}

function ConnectionItem({ connection, isOpen }: { connection: ProcessJson["connections"][number]; isOpen: boolean }) {
  const t = useTranslations("trace.process");
  return (
    <li className={cn("flex flex-wrap gap-x-2 text-ink-soft text-small", isOpen && "font-medium text-ink")}>
      <span className="tabular" title={connection.id}>
        {t("connection", { id: shortId(connection.id, 4, 4) })}
      </span>
      <span className="font-mono text-tiny leading-[inherit]">
        {connection.protocol} {connection.peer}
      </span>
      <span title={formatMoment(Date.parse(connection.openedAt))}>{t("opened", { at: formatClock(Date.parse(connection.openedAt)) })}</span>
      <span>
        {connection.closedAt === null || connection.closedBy === null
          ? t("stillOpen")
          : t(`closedBy.${connection.closedBy}`, { at: formatClock(Date.parse(connection.closedAt)) })}
      </span>
      <span>{t("requests", { count: connection.requests })}</span>
      {connection.direct ? null : <span>{t("indirect")}</span>}
    </li>
  );
}
