import { cn } from "./cn";

/** A grey place where text or a bar will stand. It does not pulse: nothing moves without reason. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn("block h-3 rounded-sm bg-fill-strong", className)} />;
}
