"use client";

import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import { cn } from "./cn";

export interface Option<T extends string> {
  value: T;
  label: string;
}
export interface OptionGroup<T extends string> {
  label: string | null;
  options: readonly Option<T>[];
}

interface SelectProps<T extends string> {
  label: string;
  value: T | null;
  /** What stands there when nothing is chosen; choosing it again clears. */
  anyLabel: string;
  groups: readonly OptionGroup<T>[];
  onChange(value: T | null): void;
  className?: string;
}

/** One choice or none. The label stands in the button, so that a row of filters needs no captions. */
export function Select<T extends string>({ label, value, anyLabel, groups, onChange, className }: SelectProps<T>) {
  const items = groups.flatMap((group) => group.options);
  const chosen = items.find((item) => item.value === value);
  return (
    <Base.Root value={value} onValueChange={(next) => onChange((next as T | "" | null) || null)}>
      <Base.Trigger
        aria-label={`${label}: ${chosen?.label ?? value ?? anyLabel}`}
        className={cn(
          "flex h-7 min-w-0 items-center gap-1 rounded-md border bg-surface pr-1.5 pl-2 text-small hover:bg-fill data-popup-open:bg-fill",
          value === null ? "border-line-strong text-ink-soft" : "border-ink text-ink",
          className,
        )}
      >
        <span className="min-w-0 truncate">{value === null ? label : (chosen?.label ?? value)}</span>
        <ChevronDown aria-hidden className="ml-auto size-3.5 shrink-0 text-ink-faint" />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
          <Base.Popup className="max-h-[min(24rem,var(--available-height))] min-w-[max(10rem,var(--anchor-width))] max-w-80 overflow-y-auto rounded-md border border-line-strong bg-raised py-1 text-data shadow-sm">
            <Item value="" label={anyLabel} quiet />
            {groups.map((group) => (
              <Base.Group key={group.label ?? ""}>
                {group.label === null ? null : (
                  <Base.GroupLabel className="px-2 pt-2 pb-0.5 text-ink-faint text-tiny">{group.label}</Base.GroupLabel>
                )}
                {group.options.map((option) => (
                  <Item key={option.value} value={option.value} label={option.label} />
                ))}
              </Base.Group>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Item({ value, label, quiet = false }: { value: string; label: string; quiet?: boolean }) {
  return (
    <Base.Item
      value={value}
      className="grid cursor-default grid-cols-[1rem_1fr] items-center gap-1 px-2 py-1 outline-none select-none data-highlighted:bg-fill-strong"
    >
      <Base.ItemIndicator>
        <Check aria-hidden className="size-3.5" />
      </Base.ItemIndicator>
      <Base.ItemText className={cn("foreign col-start-2", quiet && "text-ink-soft")}>{label}</Base.ItemText>
    </Base.Item>
  );
}
