"use client";

import { useMemo } from "react";
import { useLocale, useTranslations } from "use-intl";
import { KINDS, type Kind } from "@/lib/diagnosis/finding";
import { SPAN_STATES, type SpanState } from "@/lib/otel/span";
import type { Locale } from "@/messages/locale";

/** What rows say, looked up once for all of them: 60 rows a frame have no time to ask for each word. */
export interface RowWords {
  locale: Locale;
  unnamed: string;
  error: string;
  cycleCut: string;
  cycleCutMeans: string;
  state: Record<SpanState, string>;
  kind: Record<Kind, string>;
  /** Name of a parent that only its children know. */
  unseen(state: SpanState, id: string): string;
}

export function useRowWords(): RowWords {
  const t = useTranslations("trace.row");
  const words = useTranslations("words");
  const common = useTranslations("common");
  const locale = useLocale();
  return useMemo(
    () => ({
      locale,
      unnamed: common("unnamed"),
      error: words("status.error"),
      cycleCut: t("cycleCut"),
      cycleCutMeans: t("cycleCutMeans"),
      state: record(SPAN_STATES, (state) => words(`state.${state}`)),
      kind: record(KINDS, (kind) => words(`kind.${kind}`)),
      unseen: (state, id) => t(state === "missing" ? "missing" : "unseen", { id }),
    }),
    [t, words, common, locale],
  );
}

const record = <Key extends string>(keys: readonly Key[], of: (key: Key) => string) =>
  Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, string>;
