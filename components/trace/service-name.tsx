import { cn } from "@/components/ui/cn";
import { hueColor, hueOf } from "./service-hue";

/** A service as its colour and its name. `hue` where the trace has given it another than its own. */
export function ServiceName({ service, hue = hueOf(service), className }: { service: string; hue?: number; className?: string }) {
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-1.5", className)}>
      <span aria-hidden className="size-2 shrink-0 rounded-[2px]" style={{ background: hueColor(hue) }} />
      <span className="foreign truncate">{service}</span>
    </span>
  );
}
