import type { Metadata } from "next";
import { TraceView } from "@/components/trace-view/trace-view";

interface TracePageProps {
  params: Promise<{ traceId: string }>;
}

export async function generateMetadata({ params }: TracePageProps): Promise<Metadata> {
  return { title: (await params).traceId.slice(0, 7) };
}

export default async function TracePage({ params }: TracePageProps) {
  return <TraceView traceId={(await params).traceId.toLowerCase()} />;
}
