/**
 * Bounds what all requests together hold in memory until they are answered, counted as inflated (reliability-security.md R6): past the
 * bound new ones are refused before their bodies are read. A request that is alone is always let in, however large it may be.
 */
export class Admission {
  private readonly maxBytes: number;
  private heldBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get bytesInFlight(): number {
    return this.heldBytes;
  }

  /** Whether a request of `bytes` may come in now. It holds nothing yet. */
  hasRoomFor(bytes: number): boolean {
    return this.heldBytes === 0 || this.heldBytes + bytes <= this.maxBytes;
  }

  open(): Hold {
    let own = 0;
    return {
      resize: (bytes) => {
        const others = this.heldBytes - own;
        if (bytes > own && others > 0 && others + bytes > this.maxBytes) return false;
        this.heldBytes = others + bytes;
        own = bytes;
        return true;
      },
      release: () => {
        this.heldBytes -= own;
        own = 0;
      },
    };
  }
}

/** What one request holds. */
export interface Hold {
  /** Says how much it holds from now on; false, with nothing changed, when that does not fit. */
  resize(bytes: number): boolean;
  release(): void;
}
