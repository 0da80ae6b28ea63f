import { SetupView } from "@/components/setup/setup-view";
import { pageTitle } from "../../page-title";

export const generateMetadata = pageTitle("setup");

export default function SetupPage() {
  return <SetupView />;
}
