import { useLocale, useTranslations } from "use-intl";
import { formatDuration } from "@/components/trace/format";
import { type Domain, fractionOf, ticksOf } from "./scale";

const MOST_TICKS = 9;

/** Times above the bars, counted from the trace's start. */
export function Ruler({ view }: { view: Domain }) {
  const t = useTranslations("trace");
  const locale = useLocale();
  return (
    <div aria-hidden className="relative h-6 min-w-0 flex-1 overflow-hidden text-ink-faint text-tiny">
      {ticksOf(view, MOST_TICKS).map((ms) => (
        <span key={ms} className="tabular absolute top-1 pl-1" style={{ left: `${fractionOf(view, ms) * 100}%` }}>
          {ms === view.originMs ? "0" : formatDuration(ms - view.originMs, locale)}
        </span>
      ))}
      {view.nowMs !== null && fractionOf(view, view.nowMs) <= 1 ? (
        <span
          className="absolute top-1 -translate-x-full bg-paper pr-1 pl-1 text-ongoing-ink"
          style={{ left: `${fractionOf(view, view.nowMs) * 100}%` }}
        >
          {t("now")}
        </span>
      ) : null}
    </div>
  );
}

/** The ruler's lines behind the rows, the line of now, and where the axis is broken. */
export function RulerLines({ view }: { view: Domain }) {
  const breakAt = view.breakMs === null ? null : fractionOf(view, view.breakMs);
  return (
    <div aria-hidden className="pointer-events-none absolute inset-y-0 right-0 left-(--tree) overflow-hidden max-md:hidden">
      {ticksOf(view, MOST_TICKS).map((ms) => (
        <span key={ms} className="absolute inset-y-0 w-px bg-line" style={{ left: `${fractionOf(view, ms) * 100}%` }} />
      ))}
      {breakAt === null ? null : (
        <span className="absolute inset-y-0 w-2 border-line-strong border-x border-dashed bg-paper" style={{ left: `${breakAt * 100}%` }} />
      )}
      {view.nowMs === null ? null : (
        <span className="absolute inset-y-0 w-px bg-ongoing" style={{ left: `calc(${fractionOf(view, view.nowMs) * 100}% - 1px)` }} />
      )}
    </div>
  );
}
