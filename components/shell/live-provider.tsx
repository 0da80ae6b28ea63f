"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { freezeNow } from "@/components/use-now";
import { type LiveState, startLive } from "@/lib/api/live";

interface Live {
  state: LiveState;
  /** Whether the reader stopped live updates: nothing changes under his eyes, neither by hints nor by the ticking clock. */
  paused: boolean;
  setPaused(paused: boolean): void;
}

const LiveContext = createContext<Live>({ state: "connecting", paused: false, setPaused: () => {} });
export const useLive = () => use(LiveContext);

export function LiveProvider({ children }: { children: ReactNode }) {
  const queryClient = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  const [paused, setPausedState] = useState(false);

  useEffect(() => {
    return paused ? undefined : startLive({ queryClient, onState: setState });
  }, [paused, queryClient]);

  function setPaused(next: boolean) {
    setPausedState(next);
    freezeNow(next);
    // What came meanwhile is asked for at once.
    if (!next) void queryClient.invalidateQueries();
  }
  return <LiveContext value={{ state: paused ? "paused" : state, paused, setPaused }}>{children}</LiveContext>;
}
