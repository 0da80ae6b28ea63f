"use client";

import { Popover as Base } from "@base-ui/react/popover";
import { ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

/** A button that opens a small form below itself. */
export function Popover({ label, active, children }: { label: string; active: boolean; children: ReactNode }) {
  return (
    <Base.Root>
      <Base.Trigger
        className={cn(
          "flex h-7 items-center gap-1 rounded-md border bg-surface pr-1.5 pl-2 text-small hover:bg-fill data-popup-open:bg-fill",
          active ? "border-ink text-ink" : "border-line-strong text-ink-soft",
        )}
      >
        {label}
        <ChevronDown aria-hidden className="size-3.5 text-ink-faint" />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="start" className="z-50">
          <Base.Popup
            aria-label={label}
            className="flex w-72 max-w-[calc(100vw-1rem)] flex-col gap-2 rounded-md border border-line-strong bg-raised p-2 shadow-sm"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
