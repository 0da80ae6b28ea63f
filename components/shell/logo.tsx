/** Three spans: one whole, one that ran on and was lost, one that never came. */
export function Logo() {
  return (
    <svg aria-hidden="true" viewBox="0 0 20 20" className="size-5 shrink-0" fill="none">
      <rect x="1.5" y="3" width="17" height="3.4" rx="1.2" fill="currentColor" />
      <rect x="4.5" y="8.3" width="7" height="3.4" rx="1.2" fill="currentColor" />
      <path d="M13.2 10h5.3" stroke="currentColor" strokeWidth="1.6" strokeDasharray="1.6 1.6" />
      <rect x="8.2" y="14.3" width="9.6" height="2.2" rx="1.1" stroke="currentColor" strokeWidth="1.2" strokeDasharray="2 1.4" />
    </svg>
  );
}
