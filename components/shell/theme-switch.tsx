"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { setPreference, type Theme } from "./preferences";

const THEMES = [
  ["light", Sun],
  ["dark", Moon],
  ["system", Monitor],
] as const;

export function ThemeSwitch() {
  const t = useTranslations("common.settings");
  const [theme, setTheme] = useState<Theme>("system");
  useEffect(() => {
    const set = document.documentElement.dataset.theme;
    if (set === "light" || set === "dark") setTheme(set);
  }, []);

  function choose(next: Theme) {
    setTheme(next);
    setPreference("theme", next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
  }
  return (
    <fieldset className="flex gap-0.5" aria-label={t("theme")}>
      {THEMES.map(([value, Icon]) => (
        <Button key={value} look="quiet" size="icon" aria-label={t(value)} aria-pressed={theme === value} onClick={() => choose(value)}>
          <Icon aria-hidden />
        </Button>
      ))}
    </fieldset>
  );
}
