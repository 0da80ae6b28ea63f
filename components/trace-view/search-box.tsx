"use client";

import { ChevronDown, ChevronUp } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";

interface SearchBoxProps {
  inputRef: React.RefObject<HTMLInputElement | null>;
  text: string;
  hitCount: number;
  /** From 0; −1 before the first step. */
  hitAt: number;
  onText(text: string): void;
  onHit(step: 1 | -1): void;
}

/** Search in the trace: Enter goes to the next hit, Shift-Enter to the one before. */
export function SearchBox({ inputRef, text, hitCount, hitAt, onText, onHit }: SearchBoxProps) {
  const t = useTranslations("trace.search");
  return (
    <search className="ml-auto flex min-w-0 items-center gap-0.5">
      {text.trim() === "" ? null : (
        <>
          <span role="status" className="tabular shrink-0 px-1 text-ink-soft text-small">
            {hitCount === 0 ? t("none") : t("hits", { at: hitAt + 1, count: hitCount })}
          </span>
          <Button look="quiet" size="icon" aria-label={t("previous")} disabled={hitCount === 0} onClick={() => onHit(-1)}>
            <ChevronUp aria-hidden />
          </Button>
          <Button look="quiet" size="icon" aria-label={t("next")} disabled={hitCount === 0} onClick={() => onHit(1)}>
            <ChevronDown aria-hidden />
          </Button>
        </>
      )}
      <Input
        ref={inputRef}
        type="search"
        aria-label={t("label")}
        placeholder={`${t("placeholder")}  /`}
        value={text}
        spellCheck={false}
        className="w-28 text-small md:w-48"
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onHit(event.shiftKey ? -1 : 1);
          else if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </search>
  );
}
