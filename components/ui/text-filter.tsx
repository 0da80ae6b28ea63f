"use client";

import { type ComponentProps, useEffect, useState } from "react";
import { cn } from "@/components/ui/cn";
import { Input } from "@/components/ui/input";

type TextFilterProps = Omit<ComponentProps<"input">, "onChange" | "value"> & {
  label: string;
  value: string | null;
  onChange(value: string | null): void;
};

/** A row of filters: on a phone one line that scrolls sideways, so that the list below keeps its place. */
export const FILTER_ROW = "flex gap-1.5 max-md:-mx-3 max-md:overflow-x-auto max-md:px-3 max-md:py-0.5 md:flex-wrap *:shrink-0";

const PAUSE_MS = 350;

/** A field whose value counts after a short pause in typing, at Enter, or when it is left. */
export function TextFilter({ label, value, onChange, className, ...rest }: TextFilterProps) {
  const [text, setText] = useState(value ?? "");
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value ?? "");
  }
  const wish = text.trim() || null;
  useEffect(() => {
    if (wish === value) return;
    const timer = setTimeout(() => onChange(wish), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wish, value, onChange]);

  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      spellCheck={false}
      className={cn("text-small", className)}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => wish !== value && onChange(wish)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onChange(wish);
      }}
      {...rest}
    />
  );
}
