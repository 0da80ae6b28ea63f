import { useTranslations } from "use-intl";
import { Skeleton } from "@/components/ui/skeleton";

const WIDTHS = ["w-96", "w-72", "w-80", "w-64", "w-88", "w-72"];

export function GroupSkeleton() {
  const t = useTranslations("common");
  return (
    <div role="status" aria-label={t("loading")}>
      {WIDTHS.map((width, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed picture
        <div key={at} className="flex h-14 items-center gap-3 border-b px-3">
          <Skeleton className="size-4 rounded-full" />
          <span className="flex min-w-0 flex-1 flex-col gap-2">
            <Skeleton className={`max-w-full ${width}`} />
            <Skeleton className="h-2 w-32" />
          </span>
          <Skeleton className="h-5 w-24 max-md:hidden" />
        </div>
      ))}
    </div>
  );
}
