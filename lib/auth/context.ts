import type { Db } from "@/db/client";

/** Who is asking. `local`: no sign-in, because nothing beyond this machine can ask (design, decision 10). */
export type Viewer =
  | { type: "local"; projectId: number }
  | { type: "key"; projectId: number; scope: "read" | "admin" }
  | { type: "system"; projectId: number };

/** What every verb of a noun room receives first: the connection or transaction, who asks, and the moment (Unix ms). */
export interface Context {
  db: Db;
  viewer: Viewer;
  nowMs: number;
}
