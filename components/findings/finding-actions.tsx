"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import Link from "next/link";
import { useRef } from "react";
import { useTranslations } from "use-intl";
import { RichSentence } from "@/components/trace/rich-sentence";
import { useWhen } from "@/components/trace/use-when";
import { Button, buttonClass } from "@/components/ui/button";
import { expectSpansOfFinding, giveFeedback, removeExpectedSpan } from "@/lib/api/actions";
import type { FindingJson } from "@/lib/api/contract/findings";
import { isAboutLongSpan } from "@/lib/diagnosis/expected";
import { VERDICTS, type Verdict } from "@/lib/diagnosis/finding";
import { useTellJudged } from "./judged";
import { MuteButton } from "./mute-button";
import { useRenewFindings } from "./use-renew-findings";

/** What a reader can say of a finding: this is normal, no problem, known, fixed, or only: mute this one. What was said can be taken back. */
export function FindingActions({ finding }: { finding: FindingJson }) {
  const t = useTranslations("findings.feedback");
  const when = useWhen();
  const ref = useRef<HTMLDivElement>(null);
  const { give, error, isPending } = useFeedback(finding, () => ref.current?.focus());
  const { feedback } = finding;
  const isOver = finding.state === "resolved" || finding.state === "retracted";
  if (isOver && feedback === null) return null;
  return (
    <div className="flex flex-col gap-1.5">
      {feedback === null ? null : (
        <p className={feedback.cameBack ? "text-stale-ink" : "text-ink-soft"}>
          {feedback.cameBack ? t("cameBackHere", { at: when(feedback.at) }) : t(`said.${feedback.verdict}`, { at: when(feedback.at) })}
        </p>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form's fields */}
      <div ref={ref} role="group" aria-label={t("label")} tabIndex={-1} className="-mx-2 flex flex-wrap items-center gap-x-1 gap-y-1">
        {isOver ? null : <NormalButton finding={finding} />}
        {(feedback === null || feedback.cameBack) && finding.kind !== "ongoing-span"
          ? VERDICTS.map((verdict) => (
              <Button key={verdict} look="quiet" title={t(`means.${verdict}`)} disabled={isPending} onClick={() => give(verdict)}>
                {t(`give.${verdict}`)}
              </Button>
            ))
          : null}
        {feedback === null ? null : (
          <Button look="quiet" disabled={isPending} onClick={() => give(null)}>
            <Undo2 aria-hidden />
            {t("takeBack")}
          </Button>
        )}
        <MuteButton finding={finding} />
      </div>
      <Failure error={error} />
    </div>
  );
}

function useFeedback(finding: FindingJson, onDone: () => void) {
  const t = useTranslations("findings.feedback");
  const renew = useRenewFindings();
  const tell = useTellJudged();
  const change = useMutation({
    mutationFn: (verdict: Verdict | null) => giveFeedback(finding.id, verdict),
    onSuccess: (_, verdict) => {
      onDone();
      if (verdict === null) return;
      // Taken back to what was said before, if anything was.
      const before = finding.feedback?.verdict ?? null;
      tell({ text: t(`notice.${verdict}`), takeBack: () => giveFeedback(finding.id, before).then(renew) });
    },
    onSettled: renew,
  });
  return { give: (verdict: Verdict | null) => change.mutate(verdict), error: change.error, isPending: change.isPending };
}

/** Only where the finding is about a span's age: then spans like it are expected to be long. */
function NormalButton({ finding }: { finding: FindingJson }) {
  const t = useTranslations("findings.feedback");
  const names = { span: finding.spanName, service: finding.service };
  const queryClient = useQueryClient();
  const renew = useRenewFindings();
  const tell = useTellJudged();
  const expect = useMutation({
    mutationFn: () => expectSpansOfFinding(finding.id),
    onSuccess: ({ id }) => tell({ text: t("normalSaid", names).replaceAll("`", ""), takeBack: () => removeExpectedSpan(id).then(renew) }),
    onSettled: () => Promise.all([renew(), queryClient.invalidateQueries({ queryKey: ["open-spans"] })]),
  });
  if (!isAboutLongSpan(finding)) return null;
  if (expect.isSuccess) {
    return (
      <p role="status" className="flex basis-full flex-wrap items-center gap-x-2 px-2">
        <RichSentence text={t("normalSaid", names)} />
        <Link href="/findings/expected" className={buttonClass({ look: "link", size: "inline" })}>
          {t("normalAll")}
        </Link>
      </p>
    );
  }
  return (
    <>
      <Button
        title={t("normalMeans", names).replaceAll("`", "")}
        className="mr-1 ml-2"
        disabled={expect.isPending}
        onClick={() => expect.mutate()}
      >
        {t("normal")}
      </Button>
      <Failure error={expect.error} />
    </>
  );
}

function Failure({ error }: { error: Error | null }) {
  if (error === null) return null;
  return (
    <p role="alert" className="text-abandoned-ink text-small">
      {error.message}
    </p>
  );
}
