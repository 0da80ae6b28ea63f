import { OverviewView } from "@/components/overview/overview-view";
import { pageTitle } from "../../page-title";

export const generateMetadata = pageTitle("overview");

export default function OverviewPage() {
  return <OverviewView />;
}
