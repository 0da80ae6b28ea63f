import { useLocale, useTranslations } from "use-intl";
import { formatDuration, formatMoment } from "@/components/trace/format";
import type { Family, Kind } from "@/lib/diagnosis/finding";
import type { Locale } from "@/messages/locale";
import { type ActiveFilter, RANGES, type TRACE_STATES } from "./filters";

/** A filter that is set, in the reader's words: "Finding: Stale span". */
export function FilterValue({ filter }: { filter: ActiveFilter }) {
  const words = useFilterWords();
  return (
    <span className="min-w-0 truncate">
      <span className="text-ink-soft">{words(filter).name}: </span>
      <span className="foreign">{words(filter).value}</span>
    </span>
  );
}

/** Name and value of a filter in the reader's language. */
export function useFilterWords() {
  const t = useTranslations("traces");
  const words = useTranslations("words");
  const locale: Locale = useLocale();
  return ({ id, value }: ActiveFilter): { name: string; value: string } => {
    const name = t(`filter.${id}`);
    if (id === "kind") return { name, value: words(`kind.${value as Kind}`) };
    if (id === "family") return { name, value: words(`family.${value as Family}`) };
    if (id === "status") return { name, value: words(`status.${value as "ok" | "error"}`) };
    if (id === "state") return { name, value: t(`state.${value as (typeof TRACE_STATES)[number]}`) };
    if (id === "minDuration" || id === "maxDuration") return { name, value: formatDuration(Number(value), locale) };
    if (id !== "time") return { name, value };
    const range = RANGES.find((one) => one === value);
    return { name, value: range ? t(`range.${range}`) : value.split(" – ").map(momentOr).join(" – ") };
  };
}

const momentOr = (text: string) => (Number.isNaN(Date.parse(text)) ? text : formatMoment(Date.parse(text)).slice(0, 16));
