"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";

/** Copies `text`; says for two seconds that it did. */
export function CopyButton({
  text,
  label,
  doneLabel,
  iconOnly = false,
}: {
  text: string;
  label: string;
  doneLabel: string;
  iconOnly?: boolean;
}) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2_000);
    return () => clearTimeout(timer);
  }, [done]);

  const Icon = done ? Check : Copy;
  const said = done ? doneLabel : label;
  return (
    <Button
      look={iconOnly ? "quiet" : "outline"}
      size={iconOnly ? "icon" : "small"}
      aria-label={iconOnly ? said : undefined}
      onClick={() => void copyText(text).then(setDone)}
    >
      <Icon aria-hidden />
      {iconOnly ? null : <span aria-live="polite">{said}</span>}
    </Button>
  );
}

/** Whether the text is in the clipboard now. Without a secure context there is no clipboard API, so a selection is copied instead. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
