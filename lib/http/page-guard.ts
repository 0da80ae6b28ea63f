import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import type { Viewer } from "@/lib/auth/context";
import { refusalOf } from "@/lib/auth/host-guard";
import { viewerOf } from "@/lib/auth/session";
import { webRuntime } from "@/lib/auth/web-runtime";
import { AppError } from "@/lib/errors";
import { ASKED_HEADER } from "./asked-header";

/**
 * For the layout of pages that show telemetry: answers "not found" to whoever proxy.ts should have turned away, and sends whoever is not
 * signed in to the sign-in page and back. The data itself is guarded once more, where it is read.
 */
export async function guardPage(): Promise<void> {
  if ((await findPageViewer()) !== null) return;
  const asked = (await headers()).get(ASKED_HEADER);
  redirect(asked === null ? "/sign-in" : `/sign-in?next=${encodeURIComponent(asked)}`);
}

/** Who looks at this page, or null when nobody is signed in. */
export async function findPageViewer(): Promise<Viewer | null> {
  const head = await headers();
  const runtime = webRuntime();
  if (refusalOf(runtime.config, "GET", "/", head) !== null) notFound();
  try {
    return await viewerOf(head, runtime);
  } catch (error) {
    // A key in a header that is not known here, or may not read: as good as none.
    if (error instanceof AppError && error.code !== "unavailable") return null;
    throw error;
  }
}
