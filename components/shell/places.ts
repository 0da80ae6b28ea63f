import { LayoutDashboard, ListTree, type LucideIcon, PlugZap, ScanSearch, Timer } from "lucide-react";

/** The pages of the navigation. */
export const PLACES = [
  { id: "overview", href: "/overview", icon: LayoutDashboard },
  { id: "traces", href: "/traces", icon: ListTree },
  { id: "findings", href: "/findings", icon: ScanSearch },
  { id: "open", href: "/open", icon: Timer },
  { id: "setup", href: "/setup", icon: PlugZap },
] as const satisfies readonly { id: string; href: string; icon: LucideIcon }[];

export type PlaceId = (typeof PLACES)[number]["id"];

export const isHere = (href: string, pathname: string) => pathname === href || pathname.startsWith(`${href}/`);
