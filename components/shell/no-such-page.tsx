"use client";

import Link from "next/link";
import { useTranslations } from "use-intl";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export function NoSuchPage() {
  const t = useTranslations("errors.pageNotFound");
  return (
    <EmptyState
      title={t("title")}
      actions={
        <Link href="/traces" className={buttonClass({ look: "solid", size: "medium" })}>
          {t("action")}
        </Link>
      }
    />
  );
}
