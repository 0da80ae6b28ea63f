"use client";

import { useTranslations } from "use-intl";
import { Logo } from "@/components/shell/logo";
import { SignInForm } from "./sign-in-form";
import { SignedIn } from "./signed-in";

export function SignIn({ isSignedIn, next }: { isSignedIn: boolean; next: string | null }) {
  const t = useTranslations("signIn");
  return (
    <main id="main" className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-4 px-4 py-12">
      <div className="flex items-center gap-2">
        <Logo />
        <h1 className="font-semibold text-lead">{isSignedIn ? t("already.title") : t("title")}</h1>
      </div>
      {isSignedIn ? <SignedIn /> : <SignInForm next={next} />}
    </main>
  );
}
