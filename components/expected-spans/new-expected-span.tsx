"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useTranslations } from "use-intl";
import { useRenewFindings } from "@/components/findings/use-renew-findings";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { createExpectedSpan } from "@/lib/api/actions";
import { SPAN_KINDS } from "@/lib/otel/span";
import { isEmpty, NO_WISH, ruleOf, type Wish } from "./wish";

/** A rule written by hand, for what no finding stands for yet. */
export function NewExpectedSpan() {
  const t = useTranslations("findings.expected");
  const any = useTranslations("common")("any");
  const renew = useRenewFindings();
  const id = useId();
  const [wish, setWish] = useState<Wish>(NO_WISH);
  const [isWrong, setWrong] = useState<"attributeWrong" | "nothing" | null>(null);
  const add = useMutation({ mutationFn: createExpectedSpan, onSuccess: () => setWish(NO_WISH), onSettled: renew });
  const set = (change: Partial<Wish>) => {
    setWish({ ...wish, ...change });
    setWrong(null);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isEmpty(wish)) return setWrong("nothing");
    const rule = ruleOf(wish);
    if (rule === null) return setWrong("attributeWrong");
    add.mutate(rule);
  };
  const error = isWrong === null ? (add.error?.message ?? null) : t(isWrong);
  return (
    <form onSubmit={submit} className="flex flex-col gap-3" aria-label={t("add")}>
      <div>
        <h2 className="font-semibold">{t("add")}</h2>
        <p className="text-ink-soft">{t("addBody")}</p>
      </div>
      <div className="grid gap-3 md:grid-cols-2">
        {(["service", "spanName", "attribute"] as const).map((field) => (
          <div key={field} className="flex flex-col gap-1 text-small">
            <label htmlFor={`${id}-${field}`}>{t(field)}</label>
            <Input
              id={`${id}-${field}`}
              value={wish[field]}
              maxLength={field === "service" ? 255 : 500}
              placeholder={field === "attribute" ? t("attributeHint") : undefined}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => set({ [field]: event.target.value })}
            />
          </div>
        ))}
        <div className="flex flex-col gap-1 text-small">
          <span aria-hidden>{t("spanKind")}</span>
          <Select
            label={t("spanKind")}
            anyLabel={any}
            value={wish.spanKind}
            groups={[{ label: null, options: SPAN_KINDS.map((value) => ({ value, label: value })) }]}
            onChange={(spanKind) => set({ spanKind })}
          />
        </div>
      </div>
      {error === null ? null : (
        <p role="alert" className="text-abandoned-ink">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" size="medium" disabled={add.isPending}>
          {t("addAction")}
        </Button>
      </div>
    </form>
  );
}
