import Link from "next/link";
import { useLocale, useTranslations } from "use-intl";
import { formatMoment } from "@/components/trace/format";
import type { Family } from "@/lib/diagnosis/finding";
import type { Column } from "./family-look";
import { tracesHref } from "./range";

interface FindingsByTimeProps {
  columns: readonly Column[];
  families: readonly Family[];
  bucketMs: number;
}

/** The chart as a table of links: for the keyboard, for readers who do not see the bars, and for copying. */
export function FindingsByTime({ columns, families, bucketMs }: FindingsByTimeProps) {
  const t = useTranslations("overview.findings");
  const words = useTranslations("words.family");
  const locale = useLocale();
  const filled = columns.filter((column) => families.some((family) => (column[family] ?? 0) > 0));
  return (
    <details className="pt-1 text-small">
      <summary className="w-fit text-ink-soft hover:text-ink">{t("table")}</summary>
      <div className="max-h-64 overflow-auto pt-1">
        <table>
          <thead>
            <tr className="text-left text-ink-soft">
              <th className="pr-4 font-medium">{t("at")}</th>
              {families.map((family) => (
                <th key={family} className="px-3 text-right font-medium">
                  {words(family)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="tabular">
            {filled.map((column) => (
              <tr key={column.atMs}>
                <td className="pr-4">{formatMoment(column.atMs).slice(0, 16)}</td>
                {families.map((family) => (
                  <td key={family} className="px-3 text-right">
                    {column[family] ? (
                      <Link
                        href={tracesHref({ fromMs: column.atMs, toMs: column.atMs + bucketMs }, { family })}
                        className="underline decoration-line-strong underline-offset-2"
                      >
                        {column[family]?.toLocaleString(locale)}
                      </Link>
                    ) : (
                      <span className="text-ink-faint">0</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
