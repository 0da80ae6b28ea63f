import { z } from "zod";
import { HexTraceId } from "./common";

/** Answer of `POST /api/demo`: what was sent just now, each with what will be said of it (a finding's kind, or `healthy`), and why. */
export const DemoResponse = z.object({
  items: z.array(z.object({ kind: z.string(), traceId: HexTraceId, title: z.string(), explanation: z.string() })),
});
export type DemoResponse = z.infer<typeof DemoResponse>;

export const SignInRequest = z.object({ key: z.string().min(1).max(200) });
export type SignInRequest = z.infer<typeof SignInRequest>;
/** Answer of `POST /api/sign-in`: what the session may do. */
export const SignInResponse = z.object({ scope: z.enum(["read", "admin"]) });
export type SignInResponse = z.infer<typeof SignInResponse>;
export const SignOutResponse = z.object({});
