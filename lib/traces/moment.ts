/** RFC 3339 with ms, as the contract's `Moment`. */
export const momentOf = (ms: number): string => new Date(ms).toISOString();

export const momentOrNull = (ms: number | null): string | null => (ms === null ? null : momentOf(ms));
