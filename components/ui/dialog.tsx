"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { buttonClass } from "./button";
import { cn } from "./cn";

interface DialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  closeLabel: string;
  children: ReactNode;
  /** `sheet` comes from the bottom edge (phones), `centre` stands in the middle. */
  place?: "centre" | "sheet";
  className?: string;
}

const PLACES = {
  centre: "top-1/2 left-1/2 max-h-[85dvh] w-[min(40rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-md",
  sheet: "inset-x-0 bottom-0 max-h-[82dvh] rounded-t-xl data-ending-style:translate-y-4 data-starting-style:translate-y-4",
};

export function Dialog({ open, onOpenChange, title, closeLabel, children, place = "centre", className }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/35 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          className={cn(
            "fixed z-50 flex flex-col border border-line-strong bg-raised text-ink transition-[opacity,transform] duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0",
            PLACES[place],
            className,
          )}
        >
          <div className="flex items-center justify-between gap-3 border-b py-1.5 pr-2 pl-4">
            <Base.Title className="min-w-0 truncate font-semibold text-data">{title}</Base.Title>
            <Base.Close aria-label={closeLabel} className={buttonClass({ look: "quiet", size: "icon" })}>
              <X aria-hidden />
            </Base.Close>
          </div>
          <div className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
