import { satsToMsat } from '../../../domain/money.js';
import { type System, WALLET, WALLET_SATS } from '../../e2e/system.helper.js';
import { PAYEES, RECEIVER } from './payees.js';

export interface PaymentsAtEnd {
  /** How many attempts and orders ended in each state, by flow. */
  readonly states: Readonly<Record<string, number>>;
  /** Attempts and orders that have not ended; must be 0. */
  readonly open: number;
  /** What the payer's wallet has spent. */
  readonly spentMsat: bigint;
  /** What our settled invoices have received: must be the same. */
  readonly receivedMsat: bigint;
  /** What our payments to the outside have paid. */
  readonly paidOutMsat: bigint;
  /** What the wallets of others have received: must be the same. */
  readonly arrivedMsat: bigint;
  /** What was paid out and not received, as legs. Possible where a pause outlasts a hold. */
  readonly losses: number;
}

/** Every payment since the system was started. Call it when nothing is open. */
export async function readPayments({ pool, wallets }: System): Promise<PaymentsAtEnd> {
  const { rows } = await pool.query<{ what: string; n: bigint; open: boolean }>(
    `select flow || ' ' || state as what, count(*) as n, state not in ('PAID', 'FAILED') as open
       from attempts group by flow, state
     union all
     select 'order ' || state, count(*), due_at is not null from orders group by state, due_at is not null
     order by 1`,
  );
  const received = await pool.query<{ msat: bigint }>(
    `select coalesce(sum(received_msat), 0)::bigint as msat from invoices where state = 'settled'`,
  );
  const paidOut = await pool.query<{ msat: bigint; losses: number }>(
    `select (select coalesce(sum(amount_msat), 0)::bigint from payments where state = 'succeeded') as msat,
       (select count(*)::integer from legs where kind in ('LOSS', 'FEE_LOSS')) as losses`,
  );
  const { balanceMsat } = await wallets.find(WALLET);
  const arrived = await Promise.all([...PAYEES, RECEIVER].map((name) => wallets.find(name)));
  const states: Record<string, number> = {};
  let open = 0;
  for (const row of rows) {
    states[row.what] = (states[row.what] ?? 0) + Number(row.n);
    if (row.open) open += Number(row.n);
  }
  return {
    ...{ states, open },
    spentMsat: satsToMsat(WALLET_SATS) - balanceMsat,
    receivedMsat: received.rows[0]?.msat ?? 0n,
    paidOutMsat: paidOut.rows[0]?.msat ?? 0n,
    arrivedMsat: arrived.reduce((sum, wallet) => sum + wallet.balanceMsat, 0n),
    losses: paidOut.rows[0]?.losses ?? 0,
  };
}

/** A line for each rule that they break. */
export function brokenBy(payments: PaymentsAtEnd): readonly string[] {
  const { open, spentMsat, receivedMsat, paidOutMsat, arrivedMsat } = payments;
  return [
    ...(open === 0 ? [] : [`${open} payments have not ended`]),
    ...(spentMsat === receivedMsat
      ? []
      : [`the payer has spent ${spentMsat} msat, and ${receivedMsat} msat were received`]),
    ...(paidOutMsat === arrivedMsat
      ? []
      : [`${paidOutMsat} msat were paid out, and ${arrivedMsat} msat arrived`]),
  ];
}
