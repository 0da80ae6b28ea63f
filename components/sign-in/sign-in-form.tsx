"use client";

import { useMutation } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { signIn } from "@/lib/api/actions";
import { ProblemError } from "@/lib/api/problem-error";
import { returnPath } from "./return-path";

/** Asks for a key and opens a session with it. `next` is the path that was asked for. */
export function SignInForm({ next }: { next: string | null }) {
  const t = useTranslations("signIn");
  const id = useId();
  const session = useMutation({
    mutationFn: signIn,
    // Not by the router: what it has cached was answered to somebody who was not signed in.
    onSuccess: () => location.assign(returnPath(next)),
  });
  const problem = useProblem(session.error);
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        session.mutate(String(new FormData(event.currentTarget).get("key")).trim());
      }}
    >
      <p className="text-ink-soft">{t("why")}</p>
      <p className="text-ink-soft">{t.rich("where", { file: (name) => <code className="font-mono">{name}</code> })}</p>
      <label htmlFor={id} className="font-medium">
        {t("label")}
      </label>
      <Input
        id={id}
        name="key"
        type="password"
        required
        autoComplete="current-password"
        spellCheck={false}
        placeholder={t("placeholder")}
        className="h-8 font-mono"
        aria-invalid={problem !== null}
        aria-describedby={`${id}-problem`}
      />
      <p id={`${id}-problem`} role="alert" className="min-h-5 text-small">
        {problem}
      </p>
      <Button type="submit" look="solid" size="medium" disabled={session.isPending || session.isSuccess} className="self-start">
        {session.isPending || session.isSuccess ? t("busy") : t("action")}
      </Button>
    </form>
  );
}

function useProblem(error: Error | null): string | null {
  const t = useTranslations("signIn");
  if (!(error instanceof ProblemError)) return error?.message ?? null;
  if (error.status === 401) return t("unknownKey");
  if (error.status === 403) return t("ingestKey");
  if (error.status === 429) return t("tooMany");
  return error.message;
}
