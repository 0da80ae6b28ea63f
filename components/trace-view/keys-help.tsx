"use client";

import { useTranslations } from "use-intl";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { TRACE_KEYS } from "./trace-keys";

export function KeysHelp({ open, onOpenChange }: { open: boolean; onOpenChange(open: boolean): void }) {
  const t = useTranslations("trace");
  const common = useTranslations("common");
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t("help")} closeLabel={common("close")}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5 p-4">
        {TRACE_KEYS.map((binding) => (
          <div key={binding.says} className="contents">
            <dt className="flex gap-1">
              {binding.keys.map(({ key, shown }) => (
                <Kbd key={key}>{shown ?? key}</Kbd>
              ))}
            </dt>
            <dd className="text-ink-soft">{t(`keys.${binding.says}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
