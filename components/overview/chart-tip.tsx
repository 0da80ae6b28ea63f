import { useLocale } from "use-intl";
import { formatMoment } from "@/components/trace/format";

/** What a chart says of the time under the pointer; lines of nothing are left out. */
export function ChartTip({ atMs, lines }: { atMs: number; lines: readonly { label: string; value: number }[] }) {
  const locale = useLocale();
  const shown = lines.filter(({ value }) => value > 0);
  return (
    <div className="rounded-md border border-line-strong bg-raised px-2 py-1.5 text-small shadow-sm">
      <div className="tabular text-ink-soft">{formatMoment(atMs).slice(0, 16)}</div>
      {shown.length === 0 ? <div>0</div> : null}
      {shown.map(({ label, value }) => (
        <div key={label} className="flex justify-between gap-4">
          <span>{label}</span>
          <span className="tabular">{value.toLocaleString(locale)}</span>
        </div>
      ))}
    </div>
  );
}
