import { Skeleton } from "@/components/ui/skeleton";

/** The places of the overview's parts, as high as what will stand there. */
export function OverviewSkeleton() {
  return (
    <div className="grid gap-x-6 gap-y-5 p-3 lg:grid-cols-3" data-testid="overview-skeleton">
      <Skeleton className="h-64 lg:col-span-2" />
      <Skeleton className="h-64" />
      <Skeleton className="h-48 lg:col-span-3" />
      <Skeleton className="h-36 lg:col-span-3" />
    </div>
  );
}
