import { CircleDashed, CircleX, Hourglass, LogOut, type LucideIcon, Minus, Play } from "lucide-react";
import { useTranslations } from "use-intl";
import { cn } from "@/components/ui/cn";
import type { SpanState } from "@/lib/otel/span";
import { TONE_TEXT, type Tone } from "./finding-kinds";

const LOOKS: Record<SpanState, { icon: LucideIcon; tone: Tone }> = {
  ongoing: { icon: Play, tone: "ongoing" },
  stale: { icon: Hourglass, tone: "stale" },
  abandoned: { icon: CircleX, tone: "abandoned" },
  closed: { icon: Minus, tone: "plain" },
  "closed-at-exit": { icon: LogOut, tone: "plain" },
  missing: { icon: CircleDashed, tone: "missing" },
};

/** Sign of a span's state; its word stands beside it or in `SpanStateBadge`. */
export function SpanStateIcon({ state, className }: { state: SpanState; className?: string }) {
  const { icon: Icon, tone } = LOOKS[state];
  return <Icon aria-hidden className={cn("size-3.5 shrink-0", TONE_TEXT[tone], className)} />;
}

/** A span's state as sign, colour and word. */
export function SpanStateBadge({ state, className }: { state: SpanState; className?: string }) {
  const t = useTranslations("words.state");
  return (
    <span className={cn("inline-flex items-center gap-1 whitespace-nowrap text-small", TONE_TEXT[LOOKS[state].tone], className)}>
      <SpanStateIcon state={state} />
      {t(state)}
    </span>
  );
}
