import { OpenNowView } from "@/components/open-now/open-now-view";
import { pageTitle } from "../../page-title";

export const generateMetadata = pageTitle("open");

export default function OpenNowPage() {
  return <OpenNowView />;
}
