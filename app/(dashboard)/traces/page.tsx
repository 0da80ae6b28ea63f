import { TraceList } from "@/components/trace-list/trace-list";
import { pageTitle } from "../../page-title";

export const generateMetadata = pageTitle("traces");

export default function TracesPage() {
  return <TraceList />;
}
