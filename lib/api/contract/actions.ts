import { z } from "zod";
import { HexTraceId } from "./common";

/** Answer of `POST /api/demo`: the traces of the gallery, as they were sent just now. */
export const DemoResponse = z.object({ traceIds: z.array(HexTraceId) });
export type DemoResponse = z.infer<typeof DemoResponse>;

export const SignInRequest = z.object({ key: z.string().min(1).max(200) });
export type SignInRequest = z.infer<typeof SignInRequest>;
/** Answer of `POST /api/sign-in`: what the session may do. */
export const SignInResponse = z.object({ scope: z.enum(["read", "admin"]) });
export type SignInResponse = z.infer<typeof SignInResponse>;
