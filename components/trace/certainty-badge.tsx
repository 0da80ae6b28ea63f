import { useTranslations } from "use-intl";
import { cn } from "@/components/ui/cn";
import type { Certainty } from "@/lib/diagnosis/finding";

/** How full the gauge is; the word says the same. */
const LEVELS: Record<Certainty, number> = { proved: 3, likely: 2, possible: 1 };

export function CertaintyBadge({ certainty, className }: { certainty: Certainty; className?: string }) {
  const t = useTranslations("words");
  return (
    <span
      className={cn("inline-flex shrink-0 items-center gap-1 whitespace-nowrap text-ink-soft text-small", className)}
      title={t(`certaintyMeans.${certainty}`)}
    >
      <span aria-hidden className="flex items-end gap-px">
        {[1, 2, 3].map((level) => (
          <span
            key={level}
            className={cn("w-[3px] rounded-[1px]", level <= LEVELS[certainty] ? "bg-ink-soft" : "bg-line-strong")}
            style={{ height: 3 + level * 2 }}
          />
        ))}
      </span>
      {t(`certainty.${certainty}`)}
    </span>
  );
}
