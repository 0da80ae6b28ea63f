import { Activity, CircleHelp, CircleOff, type LucideIcon, MoonStar } from "lucide-react";
import { useTranslations } from "use-intl";
import { cn } from "@/components/ui/cn";
import type { ProcessJson } from "@/lib/api/contract/traces";

type ProcessState = ProcessJson["state"];
const LOOKS: Record<ProcessState, { icon: LucideIcon; color: string }> = {
  alive: { icon: Activity, color: "text-well-ink" },
  silent: { icon: MoonStar, color: "text-stale-ink" },
  ended: { icon: CircleOff, color: "text-ink-soft" },
  unknown: { icon: CircleHelp, color: "text-ink-faint" },
};

export function ProcessStateBadge({ state }: { state: ProcessState }) {
  const t = useTranslations("words.processState");
  const { icon: Icon, color } = LOOKS[state];
  return (
    <span className={cn("inline-flex items-center gap-1 whitespace-nowrap text-small", color)}>
      <Icon aria-hidden className="size-3.5" />
      {t(state)}
    </span>
  );
}
