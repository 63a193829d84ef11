import type { ClientBase } from 'pg';

/** When an order that entered its status at a time of the store is looked at, and when people are told. */
export interface CurrentThreshold {
  readonly verifyAfter: (enteredAt: Date) => Date;
  readonly alertAfter: (enteredAt: Date) => Date;
  /** Null where nothing is learned yet. */
  readonly version: bigint | null;
  readonly method: string;
}

const HOUR_MS = 3_600_000;
/** In hours. On-hold: five working days are a week. */
const DEFAULTS: Readonly<Record<string, number>> = { pending: 2, 'on-hold': 7 * 24 };
const DEFAULT = 72;

/** The defaults of each status. */
export function currentThreshold(
  _client: ClientBase,
  { status }: { readonly store: string; readonly status: string; readonly paymentMethod: string },
): Promise<CurrentThreshold> {
  const hours = DEFAULTS[status] ?? DEFAULT;
  const after = (share: number) => (enteredAt: Date) =>
    new Date(enteredAt.getTime() + hours * share * HOUR_MS);
  return Promise.resolve({
    verifyAfter: after(1),
    alertAfter: after(1.5),
    version: null,
    method: 'default',
  });
}
