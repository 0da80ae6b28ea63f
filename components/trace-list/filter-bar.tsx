"use client";

import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Popover } from "@/components/ui/popover";
import { Select } from "@/components/ui/select";
import { FILTER_ROW, TextFilter } from "@/components/ui/text-filter";
import { FAMILIES, KINDS_BY_FAMILY } from "@/lib/diagnosis/finding";
import { FilterValue } from "./filter-value";
import { activeFilters, type Filters, RANGES, TRACE_STATES } from "./filters";

interface FilterBarProps {
  filters: Filters;
  onChange(change: Partial<Filters>): void;
}

/** All filters of the list; what is set stands below as words that can be taken away one by one. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const t = useTranslations("traces");
  const words = useTranslations("words");
  const common = useTranslations("common");
  const any = common("any");
  const chips = activeFilters(filters).filter(({ id }) => id !== "q");
  return (
    <search aria-label={t("filters")} className="flex shrink-0 flex-col gap-2 border-b px-3 pb-2">
      <div className={FILTER_ROW}>
        <TextFilter label={t("filter.q")} value={filters.q} onChange={(q) => onChange({ q })} className="max-md:min-w-52 md:w-60" />
        <Select
          label={t("range.label")}
          anyLabel={t("range.label")}
          value={filters.range}
          groups={[{ label: null, options: RANGES.map((value) => ({ value, label: t(`range.${value}`) })) }]}
          onChange={(range) => onChange({ range, from: null, to: null })}
        />
        <Select
          label={t("filter.state")}
          anyLabel={any}
          value={filters.state}
          groups={[{ label: null, options: TRACE_STATES.map((value) => ({ value, label: t(`state.${value}`) })) }]}
          onChange={(state) => onChange({ state })}
        />
        <Select
          label={t("filter.kind")}
          anyLabel={any}
          value={filters.kind}
          groups={FAMILIES.map((family) => ({
            label: words(`family.${family}`),
            options: KINDS_BY_FAMILY[family].map((kind) => ({ value: kind, label: words(`kind.${kind}`) })),
          }))}
          onChange={(kind) => onChange({ kind })}
        />
        <Select
          label={t("filter.family")}
          anyLabel={any}
          value={filters.family}
          groups={[{ label: null, options: FAMILIES.map((value) => ({ value, label: words(`family.${value}`) })) }]}
          onChange={(family) => onChange({ family })}
        />
        <Select
          label={t("filter.status")}
          anyLabel={any}
          value={filters.status}
          groups={[{ label: null, options: (["ok", "error"] as const).map((value) => ({ value, label: words(`status.${value}`) })) }]}
          onChange={(status) => onChange({ status })}
        />
        <Popover label={t("filter.service")} active={filters.service !== null}>
          <TextFilter label={t("filter.service")} value={filters.service} onChange={(service) => onChange({ service })} />
        </Popover>
        <Popover label={t("filter.name")} active={filters.name !== null}>
          <TextFilter label={t("filter.name")} value={filters.name} onChange={(name) => onChange({ name })} />
        </Popover>
        <Popover label={t("filter.duration")} active={filters.minDuration !== null || filters.maxDuration !== null}>
          <NumberFilter label={t("filter.minDuration")} value={filters.minDuration} onChange={(minDuration) => onChange({ minDuration })} />
          <NumberFilter label={t("filter.maxDuration")} value={filters.maxDuration} onChange={(maxDuration) => onChange({ maxDuration })} />
        </Popover>
        <Popover label={t("filter.attr")} active={filters.attr.length > 0}>
          <AttributeFilter onAdd={(pair) => onChange({ attr: [...new Set([...filters.attr, pair])] })} />
        </Popover>
      </div>
      {chips.length === 0 ? null : (
        <ul className="flex flex-wrap items-center gap-1.5" data-testid="active-filters">
          {chips.map((filter) => (
            <li key={`${filter.id}:${filter.value}`} className="flex min-w-0 items-center rounded-md bg-fill-strong pl-2 text-small">
              <FilterValue filter={filter} />
              <Button
                look="quiet"
                size="icon"
                className="size-6"
                aria-label={t("filter.remove", { name: filter.value })}
                onClick={() => onChange(filter.without)}
              >
                <X aria-hidden />
              </Button>
            </li>
          ))}
          <li>
            <Button look="link" size="inline" className="text-small" onClick={() => onChange(cleared(filters))}>
              {common("clearAll")}
            </Button>
          </li>
        </ul>
      )}
    </search>
  );
}

const cleared = (filters: Filters): Filters =>
  Object.fromEntries(Object.keys(filters).map((key) => [key, key === "attr" ? [] : null])) as unknown as Filters;

function NumberFilter({ label, value, onChange }: { label: string; value: number | null; onChange(value: number | null): void }) {
  const t = useTranslations("traces.filter");
  return (
    <div className="flex items-center gap-2 text-ink-soft text-small">
      <span className="w-16 shrink-0">{label}</span>
      <TextFilter
        label={label}
        value={value === null ? null : String(value)}
        inputMode="decimal"
        onChange={(text) => onChange(text === null || !(Number(text) >= 0) ? null : Number(text))}
      />
      {t("ms")}
    </div>
  );
}

function AttributeFilter({ onAdd }: { onAdd(pair: string): void }) {
  const t = useTranslations("traces.filter");
  const [text, setText] = useState("");
  const valid = /^[^=]+=/.test(text.trim());
  return (
    <form
      className="flex gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        onAdd(text.trim());
        setText("");
      }}
    >
      <Input
        aria-label={t("attr")}
        placeholder={t("attrHint")}
        value={text}
        spellCheck={false}
        className="font-mono"
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" disabled={!valid}>
        <Plus aria-hidden />
        {t("addAttr")}
      </Button>
    </form>
  );
}
