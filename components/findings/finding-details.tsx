"use client";

import { ArrowUpRight } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { CertaintyBadge } from "@/components/trace/certainty-badge";
import { formatMoment } from "@/components/trace/format";
import { RichSentence } from "@/components/trace/rich-sentence";
import { CopyButton } from "@/components/ui/copy-button";
import type { FindingJson } from "@/lib/api/contract/findings";
import { adviceHref, CERTAINTY_HREF, docsHref } from "./docs-href";
import { FindingActions } from "./finding-actions";

export type EvidenceRef = NonNullable<FindingJson["evidence"][number]["ref"]>;

interface FindingDetailsProps {
  finding: FindingJson;
  /** Opens what a line of evidence points at. */
  onEvidenceOpen(ref: EvidenceRef): void;
}

/** A finding read downward: how sure, how we know, why, what fixes it, what would change our mind. */
export function FindingDetails({ finding, onEvidenceOpen }: FindingDetailsProps) {
  const t = useTranslations("findings");
  const words = useTranslations("words");
  return (
    <div className="flex flex-col gap-3 text-data">
      {finding.closedBecause ? <p className="text-ink-soft">{t("closedBecause", { reason: finding.closedBecause })}</p> : null}
      <FindingActions finding={finding} />
      <Part title={t("howSure")}>
        <p className="flex flex-wrap items-baseline gap-x-2">
          <CertaintyBadge certainty={finding.certainty} />
          <span className="text-ink-soft">{words(`certaintyMeans.${finding.certainty}`)}</span>
          <DocsLink href={CERTAINTY_HREF} label={t("aboutCertainty")} />
        </p>
      </Part>
      <Part title={t("howWeKnow")}>
        <EvidenceList finding={finding} onEvidenceOpen={onEvidenceOpen} />
      </Part>
      {finding.causes.length === 0 ? null : (
        <Part title={t("why")}>
          <ol className="flex flex-col gap-2">
            {finding.causes.map((cause) => (
              <li key={cause.id}>
                <p className="flex flex-wrap items-baseline justify-between gap-x-2">
                  <span className="font-medium">{cause.name}</span>
                  <CertaintyBadge certainty={cause.certainty} />
                </p>
                <p className="text-ink-soft">
                  <RichSentence text={cause.because} />
                </p>
              </li>
            ))}
          </ol>
        </Part>
      )}
      {finding.advice.length === 0 ? null : (
        <Part title={t("fix")}>
          <AdviceList finding={finding} />
        </Part>
      )}
      <Part title={t("changeMind")}>
        <p className="text-ink-soft">
          <RichSentence text={finding.retractedBy} />
        </p>
      </Part>
      <p className="flex flex-wrap items-center justify-between gap-2 border-t pt-2 text-ink-faint text-small">
        <span>{t("since", { at: formatMoment(Date.parse(finding.openedAt)).slice(0, 19) })}</span>
        <DocsLink href={docsHref(finding.kind)} label={t("about")} />
      </p>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1">
      <h4 className="font-semibold text-ink-faint text-tiny uppercase tracking-wide">{title}</h4>
      {children}
    </section>
  );
}

function EvidenceList({ finding, onEvidenceOpen }: FindingDetailsProps) {
  const t = useTranslations("findings");
  if (finding.evidence.length === 0) return <p className="text-ink-soft">{t("noEvidence")}</p>;
  return (
    <ul className="flex flex-col gap-1.5">
      {finding.evidence.map(({ text, ref }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of evidence have no other name, and keep their order
        <li key={at} className="flex gap-2">
          <span aria-hidden className="text-ink-faint">
            ·
          </span>
          <span className="min-w-0 flex-1">
            <RichSentence text={text} />{" "}
            {ref ? (
              <button
                type="button"
                onClick={() => onEvidenceOpen(ref)}
                className="whitespace-nowrap text-ink-soft text-small underline decoration-line-strong underline-offset-3 hover:text-ink hover:decoration-ink"
              >
                {t(`place.${ref.type}`)}
              </button>
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  );
}

function AdviceList({ finding }: { finding: FindingJson }) {
  const t = useTranslations("findings");
  const common = useTranslations("common");
  return (
    <ul className="flex flex-col gap-3">
      {finding.advice.map((advice) => (
        <li key={advice.id} className="flex flex-col gap-1">
          <p className="font-medium">
            <RichSentence text={advice.title} />
          </p>
          {advice.snippet === "" ? null : (
            <div className="overflow-hidden rounded-md border">
              <div className="flex items-center justify-between border-b bg-fill py-0.5 pr-1 pl-2 text-ink-faint text-tiny">
                <span>{advice.language ? t("language", { language: advice.language }) : null}</span>
                <CopyButton text={advice.snippet} label={common("copy")} doneLabel={common("copied")} iconOnly />
              </div>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <pre tabIndex={0} className="overflow-x-auto p-2 font-mono text-small leading-relaxed">
                {advice.snippet}
              </pre>
            </div>
          )}
          <DocsLink href={adviceHref(advice.docs)} label={common("docs")} />
        </li>
      ))}
    </ul>
  );
}

function DocsLink({ href, label }: { href: string | null; label: string }) {
  if (href === null) return null;
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      className="inline-flex items-center gap-0.5 self-start text-ink-soft text-small underline decoration-line-strong underline-offset-3 hover:text-ink"
    >
      {label}
      <ArrowUpRight aria-hidden className="size-3" />
    </a>
  );
}
