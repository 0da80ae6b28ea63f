"use client";

import { createContext, type ReactNode, useContext, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";

/** What was just said of a finding that may have left the page by that. */
export interface Judged {
  text: string;
  takeBack(): Promise<unknown>;
}

const Tell = createContext<(judged: Judged) => void>(() => {});

/** How a part of the page tells what was just said; says nothing where nobody listens. */
export const useTellJudged = () => useContext(Tell);

/** Keeps the last thing that was said in view, so that it can be taken back at once: what is muted is no longer in the list. */
export function JudgedNotice({ children }: { children: ReactNode }) {
  const t = useTranslations("findings.feedback");
  const common = useTranslations("common");
  const [judged, setJudged] = useState<Judged | null>(null);
  const [isBusy, setBusy] = useState(false);
  const takeBack = async () => {
    setBusy(true);
    try {
      await judged?.takeBack();
      setJudged(null);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Tell.Provider value={setJudged}>
      {children}
      <div role="status" className="shrink-0">
        {judged === null ? null : (
          <div className="flex flex-wrap items-center gap-2 border-t bg-raised px-3 py-2" data-testid="judged">
            <span className="min-w-0 flex-1 basis-60">{judged.text}</span>
            <Button disabled={isBusy} onClick={() => void takeBack()}>
              {t("takeBack")}
            </Button>
            <Button look="quiet" onClick={() => setJudged(null)}>
              {common("close")}
            </Button>
          </div>
        )}
      </div>
    </Tell.Provider>
  );
}
