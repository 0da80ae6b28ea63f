const SMALLEST = 8 * 1024;
const LARGEST = 1024 * 1024;
/** Kept per size: as many as requests are usually in flight. */
const KEPT = 16;

const idle = new Map<number, Buffer[]>();

/**
 * Memory for a body whose length is known, used again and again: fresh memory for every body costs more than copying it (page faults, and
 * collecting it). Null for bodies so small or so large that it does not pay. Give it back when nothing refers to the body any more.
 */
export function takeBodyMemory(bytes: number): Buffer | null {
  if (bytes < SMALLEST || bytes > LARGEST) return null;
  const size = sizeFor(bytes);
  return idle.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
}

export function giveBodyMemory(memory: Buffer): void {
  const kept = idle.get(memory.length) ?? [];
  idle.set(memory.length, kept);
  if (kept.length < KEPT) kept.push(memory);
}

/** The next power of two. */
const sizeFor = (bytes: number): number => 2 ** Math.ceil(Math.log2(bytes));
