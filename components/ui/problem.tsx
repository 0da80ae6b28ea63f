"use client";

import { useTranslations } from "use-intl";
import { ProblemError } from "@/lib/api/problem-error";
import { Button, buttonClass } from "./button";
import { EmptyState } from "./empty-state";

/** An answer that is an error: what it means, what happens next, what can be tried. */
export function ProblemState({ error, onRetry }: { error: Error; onRetry(): void }) {
  const t = useTranslations("errors");
  const common = useTranslations("common");
  const known = error instanceof ProblemError ? error : null;
  return (
    <div role="alert">
      <EmptyState
        title={t("title")}
        actions={
          known?.status === 401 ? (
            <a href="/sign-in" className={buttonClass({ look: "solid", size: "medium" })}>
              {t("signIn")}
            </a>
          ) : (
            <Button look="solid" size="medium" onClick={onRetry}>
              {common("retry")}
            </Button>
          )
        }
      >
        <p>{useProblemText(error)}</p>
        {known?.errors.length ? (
          <ul className="list-disc pl-5">
            {known.errors.map(({ path, message }) => (
              <li key={path}>
                <code className="font-mono">{path}</code>: {message}
              </li>
            ))}
          </ul>
        ) : null}
        {known?.requestId ? <p className="font-mono text-small">{t("request", { id: known.requestId })}</p> : null}
      </EmptyState>
    </div>
  );
}

function useProblemText(error: Error): string {
  const t = useTranslations("errors");
  if (!(error instanceof ProblemError)) return error.message;
  if (error.status === 0) return t("noAnswer");
  if (error.isPassing) return t("busy");
  if (error.status === 404) return t("notFound");
  if (error.status === 401) return t("signedOut");
  return t("wrong", { detail: error.message });
}
