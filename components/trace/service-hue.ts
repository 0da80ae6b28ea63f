const HUES = 12;

/** The muted colour of a service: the same on every page, from its name alone. */
export function hueOf(service: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < service.length; at++) hash = Math.imul(hash ^ service.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % HUES;
}

/** Colours for the services of one trace: each keeps its own where it can and takes the next free one where two would look alike. */
export function assignHues(services: readonly string[]): number[] {
  const taken = new Set<number>();
  const byService = new Map<string, number>();
  for (const service of [...new Set(services)].sort()) {
    let hue = hueOf(service);
    if (taken.size < HUES) while (taken.has(hue)) hue = (hue + 1) % HUES;
    taken.add(hue);
    byService.set(service, hue);
  }
  return services.map((service) => byService.get(service) ?? 0);
}

export const hueColor = (hue: number) => `var(--hue-${hue})`;
