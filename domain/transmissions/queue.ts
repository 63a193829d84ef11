export interface Waiting {
  readonly id: string;
  /** `paid`: never sent. `confirming`: to be sent again to the regions that did not confirm. */
  readonly state: 'paid' | 'confirming';
  readonly bidPerByte: number;
  readonly retryCount: number;
  readonly createdAtMs: number;
}

/**
 * Who goes first on a free line: first transmissions before any repetition, and the highest bid per byte among them. Among
 * repetitions the one tried least often, then the bid: by bid alone, as the peer has it, an order that nobody confirms keeps all
 * the others from ever being repeated. Ties go to the older.
 */
export function compareWaiting(a: Waiting, b: Waiting): number {
  if (a.state !== b.state) return a.state === 'paid' ? -1 : 1;
  return (
    (a.state === 'confirming' ? a.retryCount - b.retryCount : 0) ||
    b.bidPerByte - a.bidPerByte ||
    a.createdAtMs - b.createdAtMs ||
    (a.id < b.id ? -1 : 1)
  );
}

export function nextToTransmit(waiting: readonly Waiting[]): Waiting | undefined {
  return [...waiting].sort(compareWaiting)[0];
}
