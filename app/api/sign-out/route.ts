import { SignOutResponse } from "@/lib/api/contract/actions";
import { endSession } from "@/lib/auth/session";
import { route } from "@/lib/http/route";

export const POST = route(
  { summary: "Signs this browser out.", access: "public", response: SignOutResponse },
  async (_ctx, { runtime, headers }) => {
    headers.append("set-cookie", endSession(runtime));
    return {};
  },
);
