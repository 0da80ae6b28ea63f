import { useTranslations } from "use-intl";

const STEP = 5;
const HEIGHT = 18;

/** Counts over time as one small line, oldest first. */
export function Sparkline({ counts }: { counts: readonly number[] }) {
  const t = useTranslations("overview.services");
  const most = Math.max(1, ...counts);
  const points = counts.map((count, at) => `${at * STEP},${(HEIGHT - 1 - (count / most) * (HEIGHT - 2)).toFixed(1)}`);
  return (
    <svg
      role="img"
      aria-label={t("trend", { least: Math.min(...counts), most: Math.max(...counts) })}
      width={(counts.length - 1) * STEP}
      height={HEIGHT}
      className="text-ink-faint"
    >
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth={1.25} strokeLinejoin="round" />
    </svg>
  );
}
