import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Shell } from "@/components/shell/shell";
import { guardPage } from "@/lib/http/page-guard";

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  await guardPage();
  const narrow = (await cookies()).get("navigation")?.value === "narrow";
  return <Shell startNarrow={narrow}>{children}</Shell>;
}
