"use client";

import { useQuery } from "@tanstack/react-query";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { Tooltip } from "@/components/ui/tooltip";
import { statsQuery } from "@/lib/api/queries/status";
import { Jump } from "./jump";
import { LanguageSwitch } from "./language-switch";
import { LiveIndicator } from "./live-indicator";
import { Logo } from "./logo";
import { isHere, PLACES, type PlaceId } from "./places";
import { setPreference } from "./preferences";
import { ThemeSwitch } from "./theme-switch";

/** The left edge on wide screens: where one can go, how many things wait there, and what belongs to every page. */
export function Navigation({ startNarrow }: { startNarrow: boolean }) {
  const t = useTranslations("shell");
  const [narrow, setNarrow] = useState(startNarrow);
  const counts = usePlaceCounts();
  const toggle = () => {
    setNarrow(!narrow);
    setPreference("navigation", narrow ? "wide" : "narrow");
  };
  const ToggleIcon = narrow ? PanelLeftOpen : PanelLeftClose;

  return (
    <aside className={cn("hidden shrink-0 flex-col border-r bg-surface md:flex", narrow ? "w-12 items-center" : "w-46")}>
      <Link href="/overview" className={cn("flex h-12 items-center gap-2 font-semibold text-lead", !narrow && "px-3")} title={t("tagline")}>
        <Logo />
        <span className={cn(narrow && "sr-only")}>Spanwatch</span>
      </Link>
      <nav aria-label={t("navigation")} className="flex flex-col gap-0.5 px-1.5">
        {PLACES.map((place) => (
          <PlaceLink key={place.id} {...place} label={t(place.id)} count={counts[place.id]} narrow={narrow} />
        ))}
      </nav>
      {narrow ? null : (
        <div className="px-3 pt-4">
          <Jump />
        </div>
      )}
      <div className={cn("mt-auto flex flex-col gap-1.5 py-3", narrow ? "items-center" : "px-3")}>
        <LiveIndicator narrow={narrow} />
        {narrow ? null : (
          <div className="flex flex-wrap items-center gap-1 border-t pt-2">
            <LanguageSwitch />
            <ThemeSwitch />
          </div>
        )}
        <Tooltip content={narrow ? t("expand") : t("collapse")} side="right">
          <Button look="quiet" size="icon" aria-label={narrow ? t("expand") : t("collapse")} onClick={toggle}>
            <ToggleIcon aria-hidden />
          </Button>
        </Tooltip>
      </div>
    </aside>
  );
}

type PlaceLinkProps = (typeof PLACES)[number] & { label: string; count: number | undefined; narrow: boolean };

function PlaceLink({ href, icon: Icon, label, count, narrow }: PlaceLinkProps) {
  const here = isHere(href, usePathname());
  const link = (
    <Link
      href={href}
      aria-current={here ? "page" : undefined}
      className={cn(
        "flex h-8 items-center gap-2.5 rounded-md text-data",
        narrow ? "w-8 justify-center" : "px-2",
        here ? "bg-fill-strong font-medium text-ink" : "text-ink-soft hover:bg-fill hover:text-ink",
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      <span className={cn(narrow && "sr-only")}>{label}</span>
      {count === undefined || count === 0 || narrow ? null : (
        <span className="tabular ml-auto text-small">{count > 999 ? "999+" : count}</span>
      )}
    </Link>
  );
  return narrow ? (
    <Tooltip content={label} side="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}

/** How many things wait on a page, where that is a number worth knowing. */
function usePlaceCounts(): Partial<Record<PlaceId, number>> {
  const totals = useQuery(statsQuery()).data?.totals;
  return { findings: totals?.openFindings, open: totals?.openSpans };
}
