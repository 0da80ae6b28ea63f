"use client";

import { useState } from "react";
import { useTranslations } from "use-intl";
import { CopyButton } from "@/components/ui/copy-button";
import { TabPanel, Tabs } from "@/components/ui/tabs";
import type { SetupResponse } from "@/lib/api/contract/status";
import { SENDERS, type Sender, snippetOf } from "./snippets";

/** How each SDK is pointed here. */
export function SnippetTabs({ setup }: { setup: SetupResponse }) {
  const t = useTranslations("setup.snippets");
  const common = useTranslations("common");
  const [sender, setSender] = useState<Sender>("logfire");
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-semibold">{t("title")}</h2>
      <Tabs<Sender>
        label={t("label")}
        value={sender}
        onChange={setSender}
        tabs={SENDERS.map((value) => ({ value, label: t(value) }))}
        className="rounded-md border bg-surface"
      >
        {SENDERS.map((value) => {
          const snippet = snippetOf(value, setup);
          return (
            <TabPanel key={value} value={value} className="relative">
              <div className="absolute top-2 right-2">
                <CopyButton text={snippet} label={common("copy")} doneLabel={common("copied")} />
              </div>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <pre tabIndex={0} className="overflow-x-auto p-3 pt-11 font-mono text-small leading-relaxed md:pt-3">
                {snippet}
              </pre>
              {value === "collector" ? null : (
                <p className="border-t px-3 py-2 text-ink-soft text-small">{t(value === "logfire" ? "pending" : "endOnly")}</p>
              )}
            </TabPanel>
          );
        })}
      </Tabs>
    </section>
  );
}
