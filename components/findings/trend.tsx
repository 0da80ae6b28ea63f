import { useTranslations } from "use-intl";

const WIDTH = 6;
const GAP = 1;
const HEIGHT = 20;

/** Findings opened per day as bars, oldest first; today is the darkest. */
export function Trend({ counts }: { counts: readonly number[] }) {
  const t = useTranslations("findings.group");
  const most = Math.max(1, ...counts);
  return (
    <svg
      role="img"
      aria-label={t("trend", { counts: counts.join(", ") })}
      width={counts.length * (WIDTH + GAP)}
      height={HEIGHT}
      className="shrink-0 text-ink-faint"
    >
      {counts.map((count, day) => {
        const tall = count === 0 ? 1 : Math.max(3, Math.round((count / most) * HEIGHT));
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a day is its place
            key={day}
            x={day * (WIDTH + GAP)}
            y={HEIGHT - tall}
            width={WIDTH}
            height={tall}
            rx={1}
            fill="currentColor"
            opacity={count === 0 ? 0.35 : day === counts.length - 1 ? 1 : 0.65}
          />
        );
      })}
    </svg>
  );
}
