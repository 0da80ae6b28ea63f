"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "use-intl";
import { RichSentence } from "@/components/trace/rich-sentence";
import { Button } from "@/components/ui/button";
import { loadDemo } from "@/lib/api/actions";

/** Sends the gallery of broken traces on request, and explains each. */
export function Demo() {
  const t = useTranslations("setup.demo");
  const demo = useMutation({ mutationFn: loadDemo });
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-semibold">{t("title")}</h2>
      <p className="text-ink-soft">{t("body")}</p>
      <div>
        <Button size="medium" disabled={demo.isPending} onClick={() => demo.mutate()}>
          {demo.isPending ? t("loading") : t("action")}
        </Button>
      </div>
      {demo.error ? (
        <p role="alert" className="text-abandoned-ink">
          {demo.error.message}
        </p>
      ) : null}
      {demo.data ? (
        <>
          <p role="status">{t("sent", { count: demo.data.items.length })}</p>
          <ul className="flex flex-col" data-testid="demo-traces">
            {demo.data.items.map((item) => (
              <li key={item.traceId} className="flex items-start gap-3 border-t py-2">
                <div className="min-w-0 flex-1">
                  <p className="font-medium">
                    <RichSentence text={item.title} />
                  </p>
                  <p className="text-ink-soft">
                    <RichSentence text={item.explanation} />
                  </p>
                </div>
                <Link
                  href={`/traces/${item.traceId}`}
                  prefetch={false}
                  className="underline decoration-line-strong underline-offset-3 hover:decoration-ink"
                >
                  {t("open")}
                </Link>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}
