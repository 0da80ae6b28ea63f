"use client";

import { useMutation } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useRenewFindings } from "@/components/findings/use-renew-findings";
import { ServiceName } from "@/components/trace/service-name";
import { useWhen } from "@/components/trace/use-when";
import { Button } from "@/components/ui/button";
import { removeExpectedSpan } from "@/lib/api/actions";
import type { ExpectedSpanJson } from "@/lib/api/contract/expected-spans";

/** One rule: what it asks for, how much it excuses now, and the way to be rid of it. */
export function ExpectedSpanRow({ rule }: { rule: ExpectedSpanJson }) {
  const t = useTranslations("findings.expected");
  const when = useWhen();
  const renew = useRenewFindings();
  const remove = useMutation({ mutationFn: () => removeExpectedSpan(rule.id), onSettled: renew });
  const { service, spanName, attribute, spanKind } = rule;
  return (
    <li className="flex items-center gap-3 border-b px-3 py-2 max-md:flex-wrap">
      <div className="min-w-0 flex-1 max-md:basis-full">
        <p className="foreign flex flex-wrap items-baseline gap-x-2">
          <span>{t("any")}</span>
          {spanName === null ? null : <span>{t.rich("named", { span: spanName, name })}</span>}
          {service === null ? null : <span>{t.rich("ofService", { service, name: () => <ServiceName service={service} /> })}</span>}
          {attribute === null ? null : <span>{t.rich("withAttribute", { attribute: `${attribute.key}=${attribute.value}`, name })}</span>}
          {spanKind === null ? null : <span>{t.rich("ofKind", { kind: spanKind, name })}</span>}
        </p>
        <p className="text-ink-soft text-small">
          {t("openNow", { count: rule.openNow })} · {t("since", { at: when(rule.createdAt) })}
        </p>
        {remove.error ? (
          <p role="alert" className="text-abandoned-ink text-small">
            {remove.error.message}
          </p>
        ) : null}
      </div>
      <Button disabled={remove.isPending} title={t("removeLabel")} onClick={() => remove.mutate()}>
        <Trash2 aria-hidden />
        {t("remove")}
      </Button>
    </li>
  );
}

const name = (chunks: ReactNode) => <code className="break-all rounded-sm bg-fill-strong px-1 font-mono text-[0.92em]">{chunks}</code>;
