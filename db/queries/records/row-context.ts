/** The 64 bits of an int8. */
export interface Halves {
  high: number;
  low: number;
}

export const halvesOf = (id: bigint): Halves => ({ high: Number(BigInt.asIntN(32, id >> 32n)), low: Number(BigInt.asUintN(32, id)) });

/** What rows need beyond the columns of their request. */
export interface RowContext {
  projectId: number;
  /** Of this server, Unix ms. */
  received: Halves;
  requestId: Halves;
  connectionId: Halves;
  /** By index of `batch.resources`. */
  resources: { resourceId: Halves; processId: Halves; service: Uint8Array }[];
  /** By index of `batch.scopes`. */
  scopeIds: Halves[];
}
