import type { Locale } from "@/messages/locale";

interface Unit {
  ms: number;
  en: string;
  zh: string;
}
const YEAR: Unit = { ms: 31_536_000_000, en: "y", zh: "年" };
const DAY: Unit = { ms: 86_400_000, en: "d", zh: "天" };
const HOUR: Unit = { ms: 3_600_000, en: "h", zh: "小时" };
const MINUTE: Unit = { ms: 60_000, en: "min", zh: "分钟" };
const SECOND: Unit = { ms: 1_000, en: "s", zh: "秒" };
const PAIRS: [Unit, Unit][] = [
  [YEAR, DAY],
  [DAY, HOUR],
  [HOUR, MINUTE],
  [MINUTE, SECOND],
];

/** A duration in ms as two significant units: "870 µs", "12.4 s", "3 min 12 s", "2 h 5 min". Finer than ns is nothing. */
export function formatDuration(ms: number, locale: Locale): string {
  if (ms < 0) return `−${formatDuration(-ms, locale)}`;
  for (const [big, small] of PAIRS) {
    // Rounding first, so that 59.97 min is an hour and not "59 min 60 s".
    const count = Math.round(ms / small.ms);
    const perBig = big.ms / small.ms;
    if (count < perBig) continue;
    const rest = count % perBig;
    const head = `${Math.floor(count / perBig)} ${big[locale]}`;
    return rest === 0 ? head : `${head} ${rest} ${small[locale]}`;
  }
  if (ms >= 999.5) return `${significant(ms / 1_000)} ${SECOND[locale]}`;
  if (ms >= 0.9995) return `${significant(ms)} ms`;
  if (ms >= 0.0009995) return `${significant(ms * 1_000)} µs`;
  return `${Math.round(ms * 1_000_000)} ns`;
}

/** How long ago, in one unit: "12 s", "3 min", "4 d". For ages that tick, so nothing below a second. */
export function formatAge(ms: number, locale: Locale): string {
  const unit = [YEAR, DAY, HOUR, MINUTE].find((one) => ms >= one.ms) ?? SECOND;
  return `${Math.max(0, Math.floor(ms / unit.ms))} ${unit[locale]}`;
}

const significant = (value: number) =>
  value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? trim(value.toFixed(1)) : trim(value.toFixed(2));
const trim = (text: string) => text.replace(/\.?0+$/, "");

const two = (value: number) => String(value).padStart(2, "0");

/** A moment of the reader's day: "12:07:31.482". */
export function formatClock(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** A whole moment in the reader's time zone: "2026-11-24 12:07:31.482". */
export function formatMoment(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatClock(ms)}`;
}

/** As `formatMoment`, with all nine digits of an OTLP time. */
export function formatUnixNano(text: string): string {
  const nano = BigInt(text);
  return formatMoment(Number(nano / 1_000_000n)) + String(nano % 1_000_000n).padStart(6, "0");
}

/** Long ids shortened in the middle: "4f0c9a…91". */
export const shortId = (id: string, head = 6, tail = 4): string =>
  id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A moment as people say it, to the minute, by the reader's days: "today 14:02", "yesterday 14:02", "24 Nov 14:02", "24 Nov 2025 14:02". */
export function formatWhen(ms: number, nowMs: number, locale: Locale): string {
  const date = new Date(ms);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const now = new Date(nowMs);
  const dayOf = (of: Date, back = 0) => new Date(of.getFullYear(), of.getMonth(), of.getDate() - back).getTime();
  if (dayOf(date) === dayOf(now)) return locale === "zh" ? `今天 ${clock}` : `today ${clock}`;
  if (dayOf(date) === dayOf(now, 1)) return locale === "zh" ? `昨天 ${clock}` : `yesterday ${clock}`;
  const isThisYear = date.getFullYear() === now.getFullYear();
  if (locale === "zh") return `${isThisYear ? "" : `${date.getFullYear()} 年 `}${date.getMonth() + 1} 月 ${date.getDate()} 日 ${clock}`;
  return `${date.getDate()} ${MONTHS[date.getMonth()]}${isThisYear ? "" : ` ${date.getFullYear()}`} ${clock}`;
}
