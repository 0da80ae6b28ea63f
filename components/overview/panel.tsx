import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";

/** A part of the overview: its name, a note, and what it shows. */
export function Panel({ title, note, className, children }: { title: string; note?: string; className?: string; children: ReactNode }) {
  return (
    <section className={cn("min-w-0", className)}>
      <div className="flex flex-wrap items-baseline gap-x-3 pb-2">
        <h2 className="font-semibold">{title}</h2>
        {note === undefined ? null : <p className="text-ink-soft text-small">{note}</p>}
      </div>
      {children}
    </section>
  );
}
