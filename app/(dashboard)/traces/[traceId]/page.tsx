import type { Metadata } from "next";
import { preload } from "react-dom";
import { TraceView } from "@/components/trace-view/trace-view";

interface TracePageProps {
  params: Promise<{ traceId: string }>;
}

export async function generateMetadata({ params }: TracePageProps): Promise<Metadata> {
  return { title: (await params).traceId.slice(0, 7) };
}

export default async function TracePage({ params }: TracePageProps) {
  const traceId = (await params).traceId.toLowerCase();
  // The browser asks for the trace while it still loads the program that will draw it.
  preload(`/api/traces/${encodeURIComponent(traceId)}/columns`, { as: "fetch", crossOrigin: "anonymous" });
  return <TraceView traceId={traceId} />;
}
