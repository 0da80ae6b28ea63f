"use client";

import { CornerDownLeft } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useId, useState } from "react";
import { useTranslations } from "use-intl";
import { Input } from "@/components/ui/input";
import { parsePasted, traceHref } from "./pasted";

/** Takes a trace id, a traceparent, a log line or another tool's address, and opens the trace. */
export function Jump({ onJump }: { onJump?: () => void }) {
  const t = useTranslations("shell.jump");
  const router = useRouter();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const errorId = useId();

  function jump(from: string): boolean {
    const target = parsePasted(from);
    if (!target) return false;
    router.push(traceHref(target));
    setText("");
    setWrong(false);
    onJump?.();
    return true;
  }

  return (
    <form
      className="flex flex-col gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        setWrong(!jump(text) && text.trim() !== "");
      }}
    >
      <span className="relative">
        <Input
          aria-label={t("label")}
          aria-invalid={wrong}
          aria-describedby={wrong ? errorId : undefined}
          placeholder={t("placeholder")}
          value={text}
          spellCheck={false}
          autoComplete="off"
          className="pr-7 text-small"
          onChange={(event) => {
            setText(event.target.value);
            setWrong(false);
          }}
          onPaste={(event) => {
            if (jump(event.clipboardData.getData("text"))) event.preventDefault();
          }}
        />
        <CornerDownLeft aria-hidden className="pointer-events-none absolute top-1.5 right-2 size-3.5 text-ink-faint" />
      </span>
      {wrong ? (
        <span id={errorId} role="alert" className="text-abandoned-ink text-tiny">
          {t("wrong")}
        </span>
      ) : null}
    </form>
  );
}

/** Opens a trace that is pasted anywhere on a page, unless it is pasted into a field. */
export function PasteAnywhere() {
  const router = useRouter();
  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    if (event.target instanceof HTMLElement && event.target.closest("input, textarea, [contenteditable]")) return;
    const target = parsePasted(event.clipboardData?.getData("text") ?? "");
    if (target) router.push(traceHref(target));
  });
  useEffect(() => {
    document.addEventListener("paste", onPaste);
    return () => document.removeEventListener("paste", onPaste);
  }, []);
  return null;
}
