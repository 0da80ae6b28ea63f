"use client";

import { useEffect, useEffectEvent } from "react";
import { actionOf, type TraceAction } from "./trace-keys";

/** Listens for the shortcuts of the trace page, wherever the focus is. */
export function useTraceKeys(onAction: (action: TraceAction) => void) {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const focus = event.target instanceof HTMLElement ? event.target : null;
    if (event.defaultPrevented || focus?.closest("[role=dialog]")) return;
    const action = actionOf({
      key: event.key,
      hasModifier: event.ctrlKey || event.metaKey || event.altKey,
      inField: focus?.closest("input, textarea, select, [contenteditable]") !== null && focus !== null,
      inControl: focus !== null && focus.closest("button, a, [role=tab], [role=separator], [data-scrolls]") !== null,
    });
    if (action === null) return;
    event.preventDefault();
    onAction(action);
  });
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
