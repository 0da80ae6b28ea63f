"use client";

import { Menu } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { cn } from "@/components/ui/cn";
import { Dialog } from "@/components/ui/dialog";
import { Jump } from "./jump";
import { LanguageSwitch } from "./language-switch";
import { LiveIndicator } from "./live-indicator";
import { isHere, PLACES } from "./places";
import { ThemeSwitch } from "./theme-switch";

const ITEM = "flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-tiny";

/** The bottom edge on phones. What the wide navigation has besides places is in the menu. */
export function PhoneBar() {
  const t = useTranslations("shell");
  const common = useTranslations("common");
  const pathname = usePathname();
  const [open, setOpen] = useState(false);
  return (
    <nav
      aria-label={t("navigation")}
      className="flex h-13 shrink-0 items-stretch border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {PLACES.map(({ id, href, icon: Icon }) => (
        <Link
          key={id}
          href={href}
          aria-current={isHere(href, pathname) ? "page" : undefined}
          className={cn(ITEM, isHere(href, pathname) ? "font-semibold text-ink" : "text-ink-soft")}
        >
          <Icon aria-hidden className="size-4.5" />
          <span className="max-w-full truncate">{t(id)}</span>
        </Link>
      ))}
      <button type="button" className={cn(ITEM, "text-ink-soft")} onClick={() => setOpen(true)}>
        <Menu aria-hidden className="size-4.5" />
        {common("settings.menu")}
      </button>
      <Dialog open={open} onOpenChange={setOpen} title="Spanwatch" closeLabel={common("close")} place="sheet">
        <div className="flex flex-col gap-4 p-4 pb-8">
          <Jump onJump={() => setOpen(false)} />
          <LiveIndicator />
          <div className="flex items-center justify-between">
            <LanguageSwitch />
            <ThemeSwitch />
          </div>
        </div>
      </Dialog>
    </nav>
  );
}
