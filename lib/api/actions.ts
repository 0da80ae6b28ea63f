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
