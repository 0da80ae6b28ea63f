import { redirect } from "next/navigation";
import { webRuntime } from "@/lib/auth/web-runtime";
import { findPageViewer, guardPage } from "@/lib/http/page-guard";
import { readSetup } from "@/lib/status/setup";

/** To the overview, or to the set-up page as long as there are none. */
export default async function Home() {
  await guardPage();
  redirect((await hasTraces()) ? "/overview" : "/setup");
}

/** When the database does not answer, the overview says so better than we can. */
async function hasTraces(): Promise<boolean> {
  try {
    const viewer = await findPageViewer();
    const { db, config } = webRuntime();
    return viewer === null || (await readSetup({ db, viewer, nowMs: Date.now() }, config, null)).hasTraces;
  } catch {
    return true;
  }
}
