import Link from "next/link";
import { useLocale, useTranslations } from "use-intl";
import { ServiceName } from "@/components/trace/service-name";
import { cn } from "@/components/ui/cn";
import type { StatsResponse } from "@/lib/api/contract/status";
import { Sparkline } from "./sparkline";

type Service = StatsResponse["services"][number];

/** The services, worst first: what is wrong with each, and how much it sends. Every number leads to what it counts. */
export function ServiceTable({ services }: { services: readonly Service[] }) {
  const t = useTranslations("overview.services");
  if (services.length === 0) return <p className="text-ink-soft">{t("none")}</p>;
  return (
    <div className="overflow-x-auto">
      <table className="w-full table-fixed">
        <thead>
          <tr className="border-b text-left text-small text-ink-soft">
            <th className="py-1 pr-3 font-medium">{t("column.service")}</th>
            <th className="w-14 px-1 py-1 text-right font-medium md:w-20 md:px-2">{t("column.findings")}</th>
            <th className="w-14 px-1 py-1 text-right font-medium md:w-20 md:px-2">{t("column.open")}</th>
            <th className="w-18 px-1 py-1 text-right font-medium md:w-24 md:px-2">{t("column.spans")}</th>
            <th className="w-24 px-2 py-1 text-right font-medium max-md:hidden">{t("column.errors")}</th>
            <th className="w-36 py-1 pl-4 font-medium max-md:hidden">{t("column.sent")}</th>
          </tr>
        </thead>
        <tbody>
          {[...services].sort(worseFirst).map((service) => (
            <ServiceRow key={service.service} {...service} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ServiceRow({ service, findings, openSpans, spans, errors, spansOverTime }: Service) {
  const of = `service=${encodeURIComponent(service)}`;
  return (
    <tr className="h-8 border-b hover:bg-fill">
      <td className="pr-3">
        <Link href={`/traces?${of}`} className="block truncate">
          <ServiceName service={service} />
        </Link>
      </td>
      <Count value={findings} href={`/findings?${of}`} className={findings > 0 ? "font-medium text-abandoned-ink" : undefined} />
      <Count value={openSpans} href={`/open?${of}`} className={openSpans > 0 ? "text-ongoing-ink" : undefined} />
      <Count value={spans} href={null} />
      <Count value={errors} href={`/traces?${of}&status=error`} cell="max-md:hidden" />
      <td className="pl-4 max-md:hidden">
        <Sparkline counts={spansOverTime} />
      </td>
    </tr>
  );
}

interface CountProps {
  value: number;
  href: string | null;
  className?: string | undefined;
  cell?: string;
}

function Count({ value, href, className, cell }: CountProps) {
  const text = value.toLocaleString(useLocale());
  return (
    <td className={cn("tabular px-1 text-right md:px-2", cell)}>
      {value === 0 || href === null ? (
        <span className={value === 0 ? "text-ink-faint" : undefined}>{text}</span>
      ) : (
        <Link href={href} className={className} style={{ textDecoration: "underline", textDecorationColor: "var(--line-strong)" }}>
          {text}
        </Link>
      )}
    </td>
  );
}

/** What has findings first, then what fails most often, then what sends most. */
const worseFirst = (a: Service, b: Service): number =>
  b.findings - a.findings || b.errors / Math.max(1, b.spans) - a.errors / Math.max(1, a.spans) || b.spans - a.spans;
