"use client";

import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export function PageBroke({ onReset }: { onReset(): void }) {
  const t = useTranslations("errors.page");
  return (
    <EmptyState
      title={t("title")}
      actions={
        <Button look="solid" size="medium" onClick={onReset}>
          {t("action")}
        </Button>
      }
    >
      {t("body")}
    </EmptyState>
  );
}
