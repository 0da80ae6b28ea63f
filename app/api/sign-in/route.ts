import { SignInRequest, SignInResponse } from "@/lib/api/contract/actions";
import { openSessionWith } from "@/lib/auth/session";
import { SignInAttempts, sourceOf } from "@/lib/auth/sign-in-attempts";
import { AppError } from "@/lib/errors";
import { route } from "@/lib/http/route";

const attempts = new SignInAttempts();

export const POST = route(
  {
    summary: "Signs a browser in with a read or admin key: the answer sets a session cookie for seven days.",
    access: "public",
    body: SignInRequest,
    response: SignInResponse,
  },
  async (ctx, { body, request, runtime, headers }) => {
    if (runtime.config.mode === "local") throw new AppError("conflict", "In local mode there is nothing to sign in to.");
    const source = sourceOf(request.headers);
    attempts.check(source, ctx.nowMs);
    try {
      const { scope, setCookie } = await openSessionWith(body.key, runtime);
      headers.append("set-cookie", setCookie);
      return { scope };
    } catch (error) {
      if (error instanceof AppError) attempts.noteFailure(source, ctx.nowMs);
      throw error;
    }
  },
);
