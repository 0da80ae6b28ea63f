import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "./globals.css";
import { requestLocale } from "./locale";
import { Providers } from "./providers";

export const metadata: Metadata = {
  title: { default: "Spanwatch", template: "%s · Spanwatch" },
  robots: { index: false, follow: false },
};
export const viewport: Viewport = { width: "device-width", initialScale: 1, viewportFit: "cover" };

/**
 * Language and theme come from cookies, so the first paint is already right and no script has to run before it. Reading them also makes
 * every page dynamic, which the nonce of the Content-Security-Policy needs.
 */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = await requestLocale();
  const theme = (await cookies()).get("theme")?.value;
  const messages = locale === "zh" ? (await import("@/messages/zh")).zh : (await import("@/messages/en")).en;
  return (
    <html
      lang={locale === "zh" ? "zh-Hans" : "en"}
      data-theme={theme === "light" || theme === "dark" ? theme : undefined}
      suppressHydrationWarning
    >
      <body>
        <Providers locale={locale} messages={messages}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
