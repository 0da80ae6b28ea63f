"use client";

import { useSyncExternalStore } from "react";

const STEP_MS = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let shownMs = 0;
let frozen = false;

/**
 * The one ticking clock of the browser: Unix ms, renewed every second while somebody looks and nobody has paused it.
 * @param ticks false where the moment is wanted but nothing shown depends on its going on.
 */
export function useNow(ticks = true): number {
  return useSyncExternalStore(ticks ? subscribe : stand, read, () => 0);
}

const stand = () => () => {};

/** Stops the clock while the reader has paused live updates, so that bars and ages stand still, too. */
export function freezeNow(stopped: boolean) {
  frozen = stopped;
  if (!stopped) tick();
}

function read(): number {
  if (shownMs === 0) shownMs = Date.now();
  return shownMs;
}

function tick() {
  if (frozen) return;
  shownMs = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    tick();
    timer = setInterval(tick, STEP_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
