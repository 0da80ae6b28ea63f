import Link from "next/link";
import { useLocale, useTranslations } from "use-intl";
import { formatDuration } from "@/components/trace/format";
import type { StatsResponse } from "@/lib/api/contract/status";

/** Open spans by age as bars, each a link to those at least so old. A short bar stays to be seen beside one of thousands. */
export function OpenAges({ stats: { openSpansByAge } }: { stats: StatsResponse }) {
  const t = useTranslations("overview.ages");
  const locale = useLocale();
  const most = Math.max(...openSpansByAge.map(({ count }) => count));
  if (most === 0) return <p className="text-ink-soft">{t("none")}</p>;
  return (
    <ul className="grid gap-1">
      {openSpansByAge.map(({ fromMs, count }, at) => (
        <li key={fromMs}>
          <Link
            href={fromMs === 0 ? "/open" : `/open?minAge=${fromMs}`}
            className="grid grid-cols-[7.5rem_1fr_5rem] items-center gap-2 rounded-sm px-1 py-1 hover:bg-fill"
          >
            <span className="truncate text-small">{ageLabel(fromMs, openSpansByAge[at + 1]?.fromMs, locale)}</span>
            <span className="h-3.5">
              <span
                aria-hidden
                className="block h-full rounded-[2px] bg-ongoing"
                style={{ width: count === 0 ? 0 : `max(3px, ${(count / most) * 100}%)` }}
              />
            </span>
            <span className="tabular text-right text-small">{t("count", { count })}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function ageLabel(fromMs: number, toMs: number | undefined, locale: "en" | "zh"): string {
  if (toMs === undefined) return `> ${formatDuration(fromMs, locale)}`;
  if (fromMs === 0) return `< ${formatDuration(toMs, locale)}`;
  return `${formatDuration(fromMs, locale)} – ${formatDuration(toMs, locale)}`;
}
