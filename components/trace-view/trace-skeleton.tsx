import { useTranslations } from "use-intl";
import { Skeleton } from "@/components/ui/skeleton";

/** Tree and bars of the picture shown while the trace is on its way: indent, name and bar in percent. */
const ROWS = [
  [0, 16, 0, 96],
  [1, 20, 3, 44],
  [2, 14, 5, 20],
  [2, 18, 26, 18],
  [1, 12, 40, 50],
  [2, 22, 42, 12],
  [3, 10, 44, 6],
  [2, 16, 56, 30],
  [1, 18, 90, 5],
] as const;

export function TraceSkeleton() {
  const t = useTranslations("common");
  return (
    <div role="status" aria-label={t("loading")} className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-16 shrink-0 flex-col justify-center gap-3 px-4">
        <Skeleton className="w-64" />
        <Skeleton className="w-96 max-w-full" />
      </div>
      <div className="h-9 border-y" />
      <div className="h-9 border-b" />
      <div className="h-6 border-b" />
      {ROWS.map(([indent, name, left, width]) => (
        <div key={`${left}-${name}`} className="flex h-6 shrink-0 items-center">
          <span className="w-2/5 pl-3">
            <span className="block" style={{ paddingLeft: indent * 12 + 16, width: `${name * 3}%` }}>
              <Skeleton className="h-2.5" />
            </span>
          </span>
          <span className="relative h-2.5 flex-1">
            <span className="absolute inset-y-0" style={{ left: `${left * 0.6}%`, width: `${width * 0.6}%` }}>
              <Skeleton className="h-2.5" />
            </span>
          </span>
        </div>
      ))}
    </div>
  );
}
