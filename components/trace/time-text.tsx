"use client";

import { useLocale } from "use-intl";
import { useNow } from "@/components/use-now";
import { formatAge, formatDuration, formatMoment } from "./format";

/** A duration in ms, in two significant units. */
export function DurationText({ ms }: { ms: number }) {
  return <span className="tabular">{formatDuration(ms, useLocale())}</span>;
}

/** How long ago something was, ticking; the moment itself on hover. `at` is RFC 3339. */
export function AgeText({ at }: { at: string }) {
  const atMs = Date.parse(at);
  return (
    <time dateTime={at} title={formatMoment(atMs)} className="tabular whitespace-nowrap">
      {formatAge(useNow() - atMs, useLocale())}
    </time>
  );
}
