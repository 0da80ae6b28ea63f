/** A map that forgets what was not used for the longest when it holds more than `max` entries. */
export class Lru<Key, Value> {
  private readonly map = new Map<Key, Value>();
  private readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  get(key: Key): Value | undefined {
    const value = this.map.get(key);
    // A Map keeps the order of insertion: what is put back is the youngest. While there is plenty of room, age does not matter.
    if (value !== undefined && this.map.size > this.max / 2) {
      this.map.delete(key);
      this.map.set(key, value);
    }
    return value;
  }

  set(key: Key, value: Value): void {
    this.map.delete(key);
    this.map.set(key, value);
    if (this.map.size <= this.max) return;
    const oldest = this.map.keys().next();
    if (!oldest.done) this.map.delete(oldest.value);
  }

  /** Oldest first. */
  keys(): Key[] {
    return [...this.map.keys()];
  }
}
