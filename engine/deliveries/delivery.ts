/** A row of `deliveries` that one process has taken. */
export interface Delivery {
  readonly id: bigint;
  readonly kind: 'PUSH' | 'ZAP_RECEIPT';
  readonly version: number;
  readonly tries: number;
  readonly notice_id: bigint | null;
  readonly subscription_id: bigint | null;
  readonly action_id: string | null;
  readonly address: string | null;
}

/** What became of one: nothing is tried again after a `refused`. */
export type Delivered = 'delivered' | 'refused';
