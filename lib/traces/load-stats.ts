import { countFindingsByBucket, countOpenSpansByAge, countTotals, listIngestByBucket, listServices } from "@/db/queries/stats";
import type { StatsQuery, StatsResponse } from "@/lib/api/contract/status";
import type { Context } from "@/lib/auth/context";
import { CHECKS } from "@/lib/diagnosis";
import { FAMILIES, type Family } from "@/lib/diagnosis/finding";
import { SOURCE_CHECKS } from "@/lib/diagnosis/source-checks";
import { AppError } from "@/lib/errors";
import { momentOf } from "./moment";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const DEFAULT_RANGE_MS = 24 * HOUR_MS;
/** The end of the year 9999, beyond which RFC 3339 has no moments. */
const LATEST_MS = 253_402_300_799_999;
/** A chart draws at most so many points. */
const BUCKETS_MAX = 120;
const BUCKET_SIZES_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS];
const SERVICES_MAX = 50;
/** Points of a service's sparkline. */
const SPARK_POINTS = 24;
/** Where each age group of open spans begins. */
const AGES = [
  { label: "< 1 min", fromMs: 0 },
  { label: "1–10 min", fromMs: MINUTE_MS },
  { label: "10–60 min", fromMs: 10 * MINUTE_MS },
  { label: "1–24 h", fromMs: HOUR_MS },
  { label: "> 24 h", fromMs: DAY_MS },
];

/**
 * Series for charts: what came in, findings opened, what is open now, of the last 24 hours or the range asked for.
 * @throws AppError `invalid_request` when the range ends before it begins.
 */
export async function loadStats({ db, viewer, nowMs }: Context, query: StatsQuery): Promise<StatsResponse> {
  const { projectId } = viewer;
  const toMs = query.to === undefined ? nowMs : Math.min(Date.parse(query.to), LATEST_MS);
  const fromMs = query.from === undefined ? toMs - DEFAULT_RANGE_MS : Date.parse(query.from);
  if (fromMs >= toMs) throw new AppError("invalid_request", "The range ends before it begins: `from` must be earlier than `to`.");
  const bucketMs =
    BUCKET_SIZES_MS.find((size) => (toMs - fromMs) / size <= BUCKETS_MAX) ?? Math.ceil((toMs - fromMs) / BUCKETS_MAX / DAY_MS) * DAY_MS;
  const range = { projectId, fromMs: Math.max(0, Math.floor(fromMs / bucketMs) * bucketMs), toMs, bucketMs };

  const [ingest, findings, ages, services, totals] = await Promise.all([
    listIngestByBucket(db, range),
    countFindingsByBucket(db, range),
    countOpenSpansByAge(
      db,
      projectId,
      nowMs,
      AGES.map((age) => age.fromMs),
    ),
    listServices(db, range, SPARK_POINTS, SERVICES_MAX),
    countTotals(db, range),
  ]);
  const moments = Array.from({ length: Math.ceil((toMs - range.fromMs) / bucketMs) }, (_, bucket) =>
    momentOf(range.fromMs + bucket * bucketMs),
  );
  const ingested = new Map(ingest.map(({ bucket, ...counts }) => [bucket, counts]));
  const found = new Map(findings.map(({ bucket, family, count }) => [`${bucket} ${family}`, count]));
  const families = FAMILIES.filter((family) => findings.some((one) => one.family === family));
  return {
    from: momentOf(range.fromMs),
    to: momentOf(toMs),
    bucketMs,
    ingest: moments.map((at, bucket) => ({ at, ...(ingested.get(bucket) ?? NOTHING) })),
    findings: moments.flatMap((at, bucket) =>
      families.map((family: Family) => ({ at, family, count: found.get(`${bucket} ${family}`) ?? 0 })),
    ),
    openSpansByAge: AGES.map(({ label, fromMs }, age) => ({ label, fromMs, count: ages.find((one) => one.age === age)?.count ?? 0 })),
    services: services.map(({ sent, ...service }) => ({ ...service, spansOverTime: overTime(sent) })),
    totals: { ...totals, spans: ingest.reduce((sum, { spans }) => sum + spans, 0), checks: CHECKS.length + SOURCE_CHECKS.length },
  };
}

function overTime(sent: readonly { part: number; spans: number }[]): number[] {
  const counts = new Array<number>(SPARK_POINTS).fill(0);
  for (const { part, spans } of sent) counts[part] = spans;
  return counts;
}

const NOTHING = { spans: 0, logs: 0, errors: 0, rejected: 0 };
