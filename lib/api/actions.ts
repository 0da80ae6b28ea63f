import type { Verdict } from "@/lib/diagnosis/finding";
import type { ExpectedSpanRequest } from "./contract/expected-spans";
import { fetchJson } from "./fetch-json";

/** Mutes a finding: it stays where it was found, and nothing counts it; answers it as it is now. For `mutationFn`. */
export const muteFinding = (findingId: string) =>
  fetchJson("FindingJson", `/api/findings/${encodeURIComponent(findingId)}/mute`, { method: "POST" });

/** Takes `muteFinding` back. */
export const unmuteFinding = (findingId: string) =>
  fetchJson("FindingJson", `/api/findings/${encodeURIComponent(findingId)}/unmute`, { method: "POST" });

/** Sends the gallery of broken traces to this server. */
export const loadDemo = () => fetchJson("DemoResponse", "/api/demo", { method: "POST" });

/** Signs in with a read or admin key (server mode); the browser then holds a session cookie. */
export const signIn = (key: string) => fetchJson("SignInResponse", "/api/sign-in", { method: "POST", body: { key } });

/** Ends the session of this browser. */
export const signOut = () => fetchJson("SignOutResponse", "/api/sign-out", { method: "POST" });

/** Says of a finding, and of all like it, that it is no problem, known or fixed; null takes that back. Answers it as it is now. */
export const giveFeedback = (findingId: string, verdict: Verdict | null) =>
  fetchJson("FindingJson", `/api/findings/${encodeURIComponent(findingId)}/feedback`, { method: "POST", body: { verdict } });

/** This is normal: spans like the finding's are expected to be long. Answers the rule. */
export const expectSpansOfFinding = (findingId: string) =>
  fetchJson("ExpectedSpanJson", `/api/findings/${encodeURIComponent(findingId)}/expected`, { method: "POST" });

/** Adds a rule by which spans may be open for long. */
export const createExpectedSpan = (rule: Partial<ExpectedSpanRequest>) =>
  fetchJson("ExpectedSpanJson", "/api/expected-spans", { method: "POST", body: rule });

/** Removes such a rule. */
export const removeExpectedSpan = (id: string) =>
  fetchJson("RemovedResponse", `/api/expected-spans/${encodeURIComponent(id)}`, { method: "DELETE" });
