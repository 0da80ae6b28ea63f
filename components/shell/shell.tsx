"use client";

import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { PasteAnywhere } from "./jump";
import { LiveProvider } from "./live-provider";
import { Navigation } from "./navigation";
import { PhoneBar } from "./phone-bar";

/** What stands around every page. The page itself decides what scrolls. */
export function Shell({ startNarrow, children }: { startNarrow: boolean; children: ReactNode }) {
  const t = useTranslations("shell");
  return (
    <LiveProvider>
      <PasteAnywhere />
      <a href="#main" className="sr-only z-50 bg-raised p-2 focus:not-sr-only focus:absolute">
        {t("skip")}
      </a>
      <div className="flex h-dvh flex-col md:flex-row">
        <Navigation startNarrow={startNarrow} />
        <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
          {children}
        </main>
        <PhoneBar />
      </div>
    </LiveProvider>
  );
}
