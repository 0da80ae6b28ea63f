import { ExpectedSpansView } from "@/components/expected-spans/expected-spans-view";
import { pageTitle } from "../../../page-title";

export const generateMetadata = pageTitle("findings");

export default function ExpectedSpansPage() {
  return <ExpectedSpansView />;
}
