"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "use-intl";
import { Button, buttonClass } from "@/components/ui/button";
import { signOut } from "@/lib/api/actions";

/** For whoever comes here with a session: go on, or end it. */
export function SignedIn() {
  const t = useTranslations("signIn.already");
  const out = useMutation({ mutationFn: signOut, onSuccess: () => location.assign("/sign-in") });
  return (
    <div className="flex flex-wrap gap-2">
      <Link href="/traces" className={buttonClass({ look: "solid", size: "medium" })}>
        {t("go")}
      </Link>
      <Button size="medium" disabled={out.isPending} onClick={() => out.mutate()}>
        {t("out")}
      </Button>
    </div>
  );
}
