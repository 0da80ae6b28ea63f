import type { ReactNode } from "react";

/** Says why nothing is here and what to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  actions,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-xl flex-col items-start gap-3 px-4 py-12 md:py-16">
      {icon}
      <h2 className="font-semibold text-lead">{title}</h2>
      {children === undefined ? null : <div className="flex flex-col gap-2 text-ink-soft">{children}</div>}
      {actions === undefined ? null : <div className="flex flex-wrap gap-2 pt-1">{actions}</div>}
    </div>
  );
}
