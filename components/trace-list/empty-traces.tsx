"use client";

import { useQueries, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useLocale, useTranslations } from "use-intl";
import { formatAge } from "@/components/trace/format";
import { Button, buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { useNow } from "@/components/use-now";
import { tracesQuery } from "@/lib/api/queries/traces";
import { useFilterWords } from "./filter-value";
import { activeFilters, type Filters, tracesQueryOf } from "./filters";

interface EmptyTracesProps {
  filters: Filters;
  nowMs: number;
  onChange(filters: Partial<Filters>): void;
}

/** Why the list is empty, and the one step that fills it: set up, jump to the newest, or take one filter away. */
export function EmptyTraces({ filters, nowMs, onChange }: EmptyTracesProps) {
  const active = activeFilters(filters);
  const [only] = active;
  const newest = useQuery({ ...tracesQuery({ limit: 1 }), placeholderData: undefined });
  if (active.length === 0 || newest.data?.items.length === 0) return <NothingYet />;
  if (active.length === 1 && only?.id === "time") {
    return <NoneInRange newestAt={newest.data?.items[0]?.firstReceivedAt} onJump={() => onChange(only.without)} />;
  }
  return <FilterInTheWay filters={filters} nowMs={nowMs} onChange={onChange} />;
}

function NothingYet() {
  const t = useTranslations("traces.empty.none");
  return (
    <EmptyState
      title={t("title")}
      actions={
        <Link href="/setup" className={buttonClass({ look: "solid", size: "medium" })}>
          {t("action")}
        </Link>
      }
    >
      {t("body")}
    </EmptyState>
  );
}

function NoneInRange({ newestAt, onJump }: { newestAt: string | undefined; onJump(): void }) {
  const t = useTranslations("traces.empty.range");
  const locale = useLocale();
  const now = useNow();
  return (
    <EmptyState
      title={t("title")}
      actions={
        <Button look="solid" size="medium" onClick={onJump}>
          {t("action")}
        </Button>
      }
    >
      {newestAt === undefined ? null : t("body", { age: formatAge(now - Date.parse(newestAt), locale) })}
    </EmptyState>
  );
}

/** So many results are counted for each filter that might be taken away. */
const COUNTED_MAX = 20;

function FilterInTheWay({ filters, nowMs, onChange }: EmptyTracesProps) {
  const t = useTranslations("traces.empty.filters");
  const common = useTranslations("common");
  const words = useFilterWords();
  const active = activeFilters(filters);
  const tries = useQueries({
    queries: active.map((filter) => ({
      ...tracesQuery({ ...tracesQueryOf(filter.without, nowMs), limit: COUNTED_MAX }),
      placeholderData: undefined,
    })),
  });
  const helpful = active.flatMap((filter, at) => {
    const data = tries[at]?.data;
    return data && data.items.length > 0 ? [{ filter, count: data.items.length, more: data.nextCursor !== null }] : [];
  });
  const trying = tries.some((one) => one.isPending);
  const all = Object.assign({}, ...active.map(({ without, id }) => (id === "attr" ? { attr: [] } : pick(without, id)))) as Partial<Filters>;
  return (
    <EmptyState title={t("title")}>
      {trying ? <p>{t("trying")}</p> : helpful.length === 0 ? <p>{t("none")}</p> : null}
      <ul className="flex flex-col items-start gap-1.5">
        {helpful.map(({ filter, count, more }) => {
          const said = words(filter);
          const name = `${said.name}: ${said.value}`;
          return (
            <li key={`${filter.id}:${filter.value}`}>
              <Button look="link" size="inline" className="whitespace-normal text-left" onClick={() => onChange(filter.without)}>
                {more ? t("removeMany", { filter: name, count }) : t("remove", { filter: name, count })}
              </Button>
            </li>
          );
        })}
        {active.length > 1 && !trying ? (
          <li>
            <Button onClick={() => onChange(all)}>{common("clearAll")}</Button>
          </li>
        ) : null}
      </ul>
    </EmptyState>
  );
}

const pick = (without: Filters, id: string): Partial<Filters> =>
  id === "time" ? { range: without.range, from: without.from, to: without.to } : { [id]: null };
