import type { ComponentProps } from "react";
import { cn } from "./cn";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return (
    <input
      className={cn(
        "h-7 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2 text-data text-ink placeholder:text-ink-faint",
        className,
      )}
      {...rest}
    />
  );
}
