"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useState } from "react";
import { IntlProvider, type Messages } from "use-intl";
import { TooltipProvider } from "@/components/ui/tooltip";
import { askAgainWhileFailing } from "@/lib/api/queries/retry";
import type { Catalogue } from "@/messages/catalogue";
import type { Locale } from "@/messages/locale";

interface ProvidersProps {
  locale: Locale;
  messages: Catalogue;
  children: ReactNode;
}

export function Providers({ locale, messages, children }: ProvidersProps) {
  // Live hints tell what has become old (lib/api/live.ts), so nothing is asked again just because a page came back into view.
  const [queryClient] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { staleTime: 10_000, refetchOnWindowFocus: false, gcTime: 120_000, refetchInterval: askAgainWhileFailing },
        },
      }),
  );
  return (
    <IntlProvider locale={locale} messages={messages as Messages} timeZone="UTC">
      <QueryClientProvider client={queryClient}>
        <NuqsAdapter>
          <TooltipProvider delay={300}>{children}</TooltipProvider>
        </NuqsAdapter>
      </QueryClientProvider>
    </IntlProvider>
  );
}
