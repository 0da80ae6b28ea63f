"use client";

import { Undo2 } from "lucide-react";
import { useTranslations } from "use-intl";
import { useWhen } from "@/components/trace/use-when";
import type { FindingGroupJson } from "@/lib/api/contract/findings";

/** What a row says beyond its latest finding: how often it happens and whether that has stopped, what was said of it, what ended. */
export function GroupStory({ group }: { group: FindingGroupJson }) {
  const t = useTranslations("findings.group");
  const { incident, feedback, runs } = group;
  // Of what happened once there is nothing to tell that the row does not say already.
  const isMore = incident !== null && (incident.groups > 1 || incident.findings > incident.processes);
  const hasTrend = runs !== null && group.severity !== "info" && (runs.affected > 1 || runs.most > 1 || runs.since > 0);
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-small empty:hidden">
      {feedback === null ? null : <Feedback feedback={feedback} />}
      {isMore ? <span>{t("incident", incident)}</span> : null}
      {hasTrend ? <Runs runs={runs} service={group.service} /> : null}
    </p>
  );
}

function Feedback({ feedback }: { feedback: NonNullable<FindingGroupJson["feedback"]> }) {
  const t = useTranslations("findings.feedback");
  const when = useWhen();
  const at = when(feedback.at);
  if (feedback.cameBackAt !== null) {
    return (
      <span className="inline-flex items-center gap-1 font-medium text-stale-ink">
        <Undo2 aria-hidden className="size-3.5 shrink-0" />
        {t("cameBack", { back: when(feedback.cameBackAt), at })}
      </span>
    );
  }
  return <span className="rounded-sm bg-fill-strong px-1">{t(`said.${feedback.verdict}`, { at })}</span>;
}

/** "12 per run → 0 in the 5 runs since yesterday 14:02". */
function Runs({ runs, service }: { runs: NonNullable<FindingGroupJson["runs"]>; service: string }) {
  const t = useTranslations("findings.group");
  const when = useWhen();
  const { affected, least, most, since, more } = runs;
  const rate = least === most ? t("perRun", { most }) : t("perRunRange", { least, most });
  const at = when(runs.lastOpenedAt);
  const means = runs.of === null ? t("runMeansService", { service }) : t("runMeans", { name: runs.of });
  return (
    <span title={means} data-testid="runs" className={since > 0 ? "text-well-ink" : "text-ink-soft"}>
      {since === 0 ? t("still", { rate, affected, at }) : more ? t("curedMore", { rate, since, at }) : t("cured", { rate, since, at })}
    </span>
  );
}
