import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Shell } from "@/components/shell/shell";

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const narrow = (await cookies()).get("navigation")?.value === "narrow";
  return <Shell startNarrow={narrow}>{children}</Shell>;
}
