/**
 * Where to go after signing in: `wanted` when it is a path of ours, else the traces. Browsers take `//host` and `/\host` for other sites,
 * and drop tabs and line ends before they decide.
 */
export function returnPath(wanted: string | null): string {
  const isOurs = wanted !== null && /^\/(?![/\\])[^\s\\]*$/.test(wanted) && !wanted.startsWith("/sign-in");
  return isOurs ? wanted : "/traces";
}
