import { useTranslations } from "use-intl";
import { cn } from "@/components/ui/cn";
import { Skeleton } from "@/components/ui/skeleton";
import { COLUMNS } from "./trace-row";
import { TableHead } from "./trace-table";

const WIDTHS = ["w-40", "w-56", "w-32", "w-48", "w-64", "w-36"];
const ROWS = Array.from({ length: 16 }, (_, at) => WIDTHS[at % WIDTHS.length]);

/** The list before its data: the same rows in the same places. */
export function TraceSkeleton() {
  const t = useTranslations("common");
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-hidden" role="status" aria-label={t("loading")}>
      <table aria-hidden className="block">
        <TableHead />
      </table>
      <div aria-hidden className="contents">
        {ROWS.map((width, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed picture
          <div key={at} className={cn("grid h-14 shrink-0 items-center gap-x-3 border-b px-3 md:h-8", COLUMNS)}>
            <Skeleton className="size-4 rounded-full" />
            <Skeleton className={cn("max-w-full", width)} />
            <Skeleton className="w-24 max-md:hidden" />
            <Skeleton className="ml-auto w-8" />
            <span className="max-md:hidden" />
            <Skeleton className="w-40 max-md:hidden" />
            <Skeleton className="ml-auto w-8 max-md:hidden" />
          </div>
        ))}
      </div>
    </div>
  );
}
