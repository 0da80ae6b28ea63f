"use client";

import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { cn } from "./cn";

interface TabsProps<T extends string> {
  label: string;
  value: T;
  onChange(value: T): void;
  tabs: readonly { value: T; label: ReactNode }[];
  className?: string;
  /** Stands after the tabs, on the same line. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A line of tabs; its panels are `TabPanel` children. */
export function Tabs<T extends string>({ label, value, onChange, tabs, className, aside, children }: TabsProps<T>) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(next as T)} className={cn("flex min-h-0 min-w-0 flex-col", className)}>
      <div className="flex h-9 min-w-0 shrink-0 items-stretch gap-3 border-b px-3">
        <Base.List aria-label={label} className="flex min-w-0 items-stretch gap-3 overflow-x-auto">
          {tabs.map((tab) => (
            <Base.Tab
              key={tab.value}
              value={tab.value}
              className="flex items-center gap-1.5 border-transparent border-b-2 pt-0.5 font-medium text-ink-soft text-small whitespace-nowrap hover:text-ink data-active:border-ink data-active:text-ink"
            >
              {tab.label}
            </Base.Tab>
          ))}
        </Base.List>
        {aside}
      </div>
      {children}
    </Base.Root>
  );
}

export function TabPanel({ value, className, children }: { value: string; className?: string; children: ReactNode }) {
  return (
    <Base.Panel value={value} className={cn("min-h-0 min-w-0 flex-1 outline-offset-[-2px]", className)}>
      {children}
    </Base.Panel>
  );
}
