/** What the monitor reads of an order. */
export interface OrderSnapshot {
  readonly id: bigint;
  readonly number: string;
  readonly status: string;
  readonly raw: string;
}
