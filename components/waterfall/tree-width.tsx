"use client";

import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";

const NARROWEST = 18;
const WIDEST = 70;
const USUAL = 40;
const STORE = "spanwatch.tree-percent";

const clamp = (percent: number) => Math.min(WIDEST, Math.max(NARROWEST, percent));

/** Share of the waterfall that the tree takes, remembered in this browser. */
export function useTreeWidth(): [number, (percent: number) => void] {
  const [percent, setPercent] = useState(USUAL);
  useEffect(() => {
    const stored = Number(localStorage.getItem(STORE));
    if (stored > 0) setPercent(clamp(stored));
  }, []);
  return [
    percent,
    (next) => {
      setPercent(clamp(next));
      localStorage.setItem(STORE, String(clamp(next)));
    },
  ];
}

/** The line between tree and bars; dragged, or moved with the arrow keys. */
export function TreeWidthHandle({ percent, onChange }: { percent: number; onChange(percent: number): void }) {
  const t = useTranslations("trace");
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be dragged
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t("treeWidth")}
      aria-valuenow={Math.round(percent)}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      className="absolute inset-y-0 left-(--tree) w-2 -translate-x-1/2 cursor-col-resize touch-none after:absolute after:inset-y-0 after:left-1/2 after:w-px after:bg-line hover:after:bg-line-strong max-md:hidden"
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const box = event.currentTarget.parentElement?.getBoundingClientRect();
        if (event.buttons === 1 && box) onChange(((event.clientX - box.left) / box.width) * 100);
      }}
      onKeyDown={(event) => {
        const step = event.key === "ArrowLeft" ? -2 : event.key === "ArrowRight" ? 2 : 0;
        if (step === 0) return;
        event.stopPropagation();
        onChange(percent + step);
      }}
    />
  );
}
