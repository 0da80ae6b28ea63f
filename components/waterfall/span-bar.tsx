import { ChevronLeft, ChevronRight, X } from "lucide-react";
import type { CSSProperties } from "react";
import { hueColor } from "@/components/trace/service-hue";
import { cn } from "@/components/ui/cn";
import type { SpanState } from "@/lib/otel/span";
import type { Bar } from "./scale";

interface SpanBarProps {
  bar: Bar;
  state: SpanState;
  /** Known only by its children: nothing of it is solid. */
  isUnseen: boolean;
  hue: number;
  isError: boolean;
  /** Said beside the bar. */
  label: string;
}

/**
 * A span in time (docs: visual grammar). Solid is what is known; an open span goes on in the manner of its state; a missing one is hollow.
 * Places are custom properties, so that a row's classes never change while one zooms.
 */
export function SpanBar({ bar, state, isUnseen, hue, isError, label }: SpanBarProps) {
  if (bar.outside !== null) return <OutsideMark side={bar.outside} label={label} />;
  const style = { "--l": bar.left, "--r": bar.right, "--k": bar.known, "--hue": hueColor(hue) } as CSSProperties;
  return (
    <span aria-hidden className="absolute inset-0" style={style}>
      {isUnseen ? <UnseenShape state={state} /> : <Shape state={state} isError={isError} />}
      <span
        className={cn(
          "tabular absolute top-1/2 -translate-y-1/2 whitespace-nowrap text-ink-soft text-tiny max-md:hidden",
          bar.right < ROOM_AFTER
            ? "left-[calc(var(--r)*100%+6px)]"
            : bar.left > ROOM_BEFORE
              ? "right-[calc((1-var(--l))*100%+6px)]"
              : "right-1.5 rounded-sm bg-paper px-1",
        )}
      >
        {label}
      </span>
    </span>
  );
}

/** Shares of the width up to which a label has room behind the bar, and from which it has room before it. */
const ROOM_AFTER = 0.82;
const ROOM_BEFORE = 0.18;

const PLACE = "absolute top-[5px] bottom-[5px] left-[calc(var(--l)*100%)]";
const WHOLE = "w-[max(2px,calc((var(--r)-var(--l))*100%))]";
const KNOWN = "w-[max(3px,calc((var(--k)-var(--l))*100%))]";
const REST = "absolute left-[max(calc(var(--k)*100%),calc(var(--l)*100%+3px))] right-[calc((1-var(--r))*100%)]";

function Shape({ state, isError }: { state: SpanState; isError: boolean }) {
  const error = isError ? "border-abandoned border-b-2" : "";
  switch (state) {
    case "closed":
      return <span className={cn(PLACE, WHOLE, error, "rounded-[2px] bg-(--hue)")} />;
    case "closed-at-exit":
      return (
        <span className={cn(PLACE, WHOLE, error, "rounded-l-[2px] bg-(--hue)")}>
          <span className="absolute inset-y-[-3px] right-0 w-[3px] rounded-full bg-missing" />
        </span>
      );
    case "missing":
      return <UnseenShape state={state} />;
    case "ongoing":
      return (
        <>
          <span className={cn(PLACE, KNOWN, error, "rounded-l-[2px] bg-(--hue)")} />
          <span className={cn(REST, "top-[5px] bottom-[5px] bg-linear-to-r from-(--hue) to-transparent opacity-70")} />
          <span className={cn(REST, "top-[5px] bottom-[5px] border-ongoing border-r-2")} />
        </>
      );
    case "stale":
      return (
        <>
          <span className={cn(PLACE, KNOWN, error, "rounded-l-[2px] bg-(--hue)")} />
          <span className={cn(REST, "top-[5px] bottom-[5px] bg-linear-to-r from-(--hue) to-transparent opacity-45")} />
          <span className={cn(REST, "top-1/2 -mt-[1.5px] h-[3px] bg-stale")} />
          <span className={cn(REST, "top-[5px] bottom-[5px] border-stale border-r-2 border-dashed")} />
        </>
      );
    case "abandoned":
      return (
        <>
          <span className={cn(PLACE, KNOWN, error, "rounded-l-[2px] bg-(--hue)")} />
          <span className={cn(REST, "top-1/2 border-abandoned border-t-[1.5px] border-dotted")} />
          <span className="hatched absolute top-[5px] bottom-[5px] left-[max(calc(var(--k)*100%-9px),calc(var(--l)*100%))] w-[9px]" />
          <span className="absolute top-1/2 left-[max(calc(var(--k)*100%),calc(var(--l)*100%+3px))] -translate-x-1/2 -translate-y-1/2 rounded-full bg-surface text-abandoned">
            <X className="size-3" strokeWidth={3.5} />
          </span>
        </>
      );
    default:
      return state satisfies never;
  }
}

/** Hollow: the envelope of the children. Open on the right where it is thought to run still. */
function UnseenShape({ state }: { state: SpanState }) {
  const isOpen = state !== "missing";
  return (
    <>
      <span
        className={cn(PLACE, WHOLE, "rounded-[2px] border-[1.5px] border-missing border-dashed", isOpen && "rounded-r-none border-r-0")}
      />
      {isOpen ? <span className={cn(REST, "top-[5px] bottom-[5px] border-r-2", OPEN_EDGE[state])} /> : null}
    </>
  );
}

const OPEN_EDGE: Partial<Record<SpanState, string>> = { ongoing: "border-ongoing", stale: "border-stale", abandoned: "border-abandoned" };

/** Nothing of the span is in view: an arrow to where it is. */
function OutsideMark({ side, label }: { side: "before" | "after"; label: string }) {
  const Icon = side === "before" ? ChevronLeft : ChevronRight;
  return (
    <span
      aria-hidden
      className={cn(
        "absolute inset-y-0 flex items-center text-ink-faint text-tiny",
        side === "before" ? "left-0" : "right-0 flex-row-reverse",
      )}
    >
      <Icon className="size-3.5" />
      <span className="tabular max-md:hidden">{label}</span>
    </span>
  );
}
