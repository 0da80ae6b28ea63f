import { useTranslations } from "use-intl";
import { cn } from "@/components/ui/cn";
import type { Kind } from "@/lib/diagnosis/finding";
import { FINDING_LOOKS, TONE_TEXT } from "./finding-kinds";

/** A kind of finding as sign, colour and word. */
export function FindingBadge({ kind, count, className }: { kind: Kind; count?: number; className?: string }) {
  const t = useTranslations("words.kind");
  const { icon: Icon, tone } = FINDING_LOOKS[kind];
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-1 text-small", TONE_TEXT[tone], className)}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{t(kind)}</span>
      {count === undefined || count < 2 ? null : <span className="tabular">×{count}</span>}
    </span>
  );
}
