"use client";

import { useTranslations } from "use-intl";
import { Select } from "@/components/ui/select";
import { FILTER_ROW, TextFilter } from "@/components/ui/text-filter";
import { CERTAINTIES, FAMILIES, KINDS_BY_FAMILY, SEVERITIES } from "@/lib/diagnosis/finding";
import { type Filters, GROUP_STATES } from "./filters";

export function FindingFilters({ filters, onChange }: { filters: Filters; onChange(change: Partial<Filters>): void }) {
  const t = useTranslations("findings");
  const words = useTranslations("words");
  const any = useTranslations("common")("any");
  return (
    <search aria-label={t("filters")} className="shrink-0 border-b px-3 pb-2">
      <div className={FILTER_ROW}>
        <TextFilter
          label={t("filter.service")}
          value={filters.service}
          onChange={(service) => onChange({ service })}
          className="max-md:w-40 md:w-44"
        />
        <Select
          label={t("filter.family")}
          anyLabel={any}
          value={filters.family}
          groups={[{ label: null, options: FAMILIES.map((value) => ({ value, label: words(`family.${value}`) })) }]}
          onChange={(family) => onChange({ family })}
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
          label={t("filter.severity")}
          anyLabel={any}
          value={filters.severity}
          groups={[{ label: null, options: SEVERITIES.map((value) => ({ value, label: words(`severity.${value}`) })) }]}
          onChange={(severity) => onChange({ severity })}
        />
        <Select
          label={t("filter.certainty")}
          anyLabel={any}
          value={filters.certainty}
          groups={[{ label: null, options: CERTAINTIES.map((value) => ({ value, label: words(`certainty.${value}`) })) }]}
          onChange={(certainty) => onChange({ certainty })}
        />
        <Select
          label={t("filter.state")}
          anyLabel={t("state.open")}
          value={filters.state === "open" ? null : filters.state}
          groups={[
            {
              label: null,
              options: GROUP_STATES.filter((value) => value !== "open").map((value) => ({ value, label: t(`state.${value}`) })),
            },
          ]}
          onChange={(state) => onChange({ state: state ?? "open" })}
        />
      </div>
    </search>
  );
}
