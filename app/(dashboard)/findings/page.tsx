import { FindingsView } from "@/components/findings/findings-view";
import { pageTitle } from "../../page-title";

export const generateMetadata = pageTitle("findings");

export default function FindingsPage() {
  return <FindingsView />;
}
