import type { ReactNode } from "react";

/** The head of a page: its name, and one plain sentence made from evidence. The sentence's place is kept while it is not known. */
export function PageHead({ title, children, aside }: { title: string; children: ReactNode; aside?: ReactNode }) {
  return (
    <header className="flex shrink-0 flex-wrap items-baseline gap-x-4 gap-y-0.5 px-3 pt-3 pb-2">
      <h1 className="font-semibold text-lead">{title}</h1>
      <p className="min-h-5 min-w-0 flex-1 basis-60 text-ink-soft" data-testid="sentence">
        {children}
      </p>
      {aside}
    </header>
  );
}
