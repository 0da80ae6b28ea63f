"use client";

import { Pause, Play, Unplug } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { Tooltip } from "@/components/ui/tooltip";
import { useLive } from "./live-provider";

/** Says whether what is shown is live, and stops or resumes it. The dot is round when live, hollow when not: never colour alone. */
export function LiveIndicator({ narrow = false }: { narrow?: boolean }) {
  const t = useTranslations("shell.live");
  const { state, paused, setPaused } = useLive();
  const action = paused ? t("resume") : t("pause");
  const Icon = paused ? Play : Pause;
  return (
    <div className={cn("flex items-center gap-1.5", narrow && "flex-col")}>
      <span role="status" className="flex items-center gap-1.5 text-ink-soft text-small">
        {state === "lost" ? (
          <Unplug aria-hidden className="size-3.5 text-stale-ink" />
        ) : (
          <span
            aria-hidden
            className={cn("size-2 rounded-full border-[1.5px] border-current", state === "live" && "border-well bg-well")}
          />
        )}
        <span className={cn(narrow && "sr-only")}>{t(state)}</span>
      </span>
      <Tooltip content={action} side="right">
        <Button
          look="quiet"
          size="icon"
          aria-label={action}
          aria-pressed={paused}
          onClick={() => setPaused(!paused)}
          className={cn(!narrow && "ml-auto")}
        >
          <Icon aria-hidden />
        </Button>
      </Tooltip>
    </div>
  );
}
