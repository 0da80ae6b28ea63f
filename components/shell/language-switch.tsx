"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { LOCALES, type Locale } from "@/messages/locale";
import { setPreference } from "./preferences";

const NAMES = { en: "EN", zh: "中文" };
const TAGS = { en: "en", zh: "zh-Hans" };

export function LanguageSwitch() {
  const t = useTranslations("common.settings");
  const shown = useLocale();
  const router = useRouter();
  const queryClient = useQueryClient();

  function choose(locale: Locale) {
    setPreference("locale", locale);
    router.refresh();
    // The sentences of findings are worded by the server.
    void queryClient.invalidateQueries();
  }
  return (
    <fieldset className="flex gap-0.5" aria-label={t("language")}>
      {LOCALES.map((locale) => (
        <Button key={locale} look="quiet" lang={TAGS[locale]} aria-pressed={shown === locale} onClick={() => choose(locale)}>
          {NAMES[locale]}
        </Button>
      ))}
    </fieldset>
  );
}
