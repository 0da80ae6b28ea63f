import { Check, CircleDotDashed, Info, type LucideIcon, OctagonX, Play, TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { cn } from "@/components/ui/cn";
import { Tooltip } from "@/components/ui/tooltip";
import type { TraceSummary } from "@/lib/api/contract/traces";

export type Health = "error" | "warning" | "arriving" | "ongoing" | "info" | "well";

const LOOKS: Record<Health, { icon: LucideIcon; color: string }> = {
  error: { icon: OctagonX, color: "text-abandoned-ink" },
  warning: { icon: TriangleAlert, color: "text-stale-ink" },
  arriving: { icon: CircleDotDashed, color: "text-ink-faint" },
  ongoing: { icon: Play, color: "text-ongoing-ink" },
  info: { icon: Info, color: "text-ink-faint" },
  well: { icon: Check, color: "text-well-ink" },
};

/** How a trace is, worst first: what is wrong outweighs that it is still running. */
export function healthOf(trace: Pick<TraceSummary, "worstSeverity" | "settled" | "openCount">): Health {
  if (trace.worstSeverity === "error" || trace.worstSeverity === "warning") return trace.worstSeverity;
  if (trace.openCount > 0) return "ongoing";
  if (!trace.settled) return "arriving";
  return trace.worstSeverity === "info" ? "info" : "well";
}

export function TraceHealth({ health }: { health: Health }) {
  const t = useTranslations("traces.health");
  const { icon: Icon, color } = LOOKS[health];
  return (
    <Tooltip content={t(health)} side="right">
      <span className="flex">
        <Icon aria-hidden className={cn("size-4", color)} />
        <span className="sr-only">{t(health)}</span>
      </span>
    </Tooltip>
  );
}
