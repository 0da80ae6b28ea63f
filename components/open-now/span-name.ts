"use client";

import { useTranslations } from "use-intl";
import { shortId } from "@/components/trace/format";
import type { OpenSpanJson } from "@/lib/api/contract/traces";

/** What an open span is called; a parent that only its children know has no name but its id. */
export function useSpanName() {
  const t = useTranslations("open");
  const common = useTranslations("common");
  return ({ name, state, spanId }: Pick<OpenSpanJson, "name" | "state" | "spanId">): string => {
    if (name !== "") return name;
    return state === "missing" ? t("unseen", { id: shortId(spanId, 4, 4) }) : common("unnamed");
  };
}
