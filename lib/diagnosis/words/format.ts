import type { Language } from "./language";

const UNITS: readonly (readonly [fromMs: number, unitMs: number, en: string, zh: string])[] = [
  [86_400_000, 86_400_000, "d", "天"],
  [3_600_000, 3_600_000, "h", "小时"],
  [60_000, 60_000, "min", "分"],
  [1_000, 1_000, "s", "秒"],
  [0, 1, "ms", "毫秒"],
];

/** A duration in ms in two significant units: `7 min 27 s`, `1.2 s`, `350 ms`; `7 分 27 秒`. */
export function formatDuration(durationMs: number, language: Language): string {
  const ms = Math.max(0, durationMs);
  const at = UNITS.findIndex(([fromMs]) => ms >= fromMs);
  const unit = UNITS[at] ?? (UNITS.at(-1) as (typeof UNITS)[number]);
  const name = language === "en" ? unit[2] : unit[3];
  if (unit[1] === 1) return `${Math.round(ms)} ${name}`;
  if (unit[1] === 1_000) return `${Number((Math.floor(ms / 100) / 10).toFixed(1))} ${name}`;
  const whole = Math.floor(ms / unit[1]);
  const next = UNITS[at + 1] as (typeof UNITS)[number];
  const rest = Math.floor((ms - whole * unit[1]) / next[1]);
  return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${language === "en" ? next[2] : next[3]}`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** A moment (Unix ms) as `12:07:31` in `timeZone`, or in the runtime's own zone. */
export function formatMoment(ms: number, timeZone: string | undefined): string {
  const key = timeZone ?? "";
  let clock = clocks.get(key);
  if (!clock) {
    clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone });
    clocks.set(key, clock);
  }
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? clock.format(ms) : "?";
}
