import { hostname } from 'node:os';
import { pid } from 'node:process';
import type { ClientBase, Pool, QueryResult } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import { pipeline } from '../../db/pipeline.js';
import { inTransaction } from '../../db/transaction.js';
import {
  FENCE_SECONDS,
  nextSendStep,
  type Send,
  type SendAnswer,
} from '../../domain/payouts/sends.js';
import { PAYMENT_COLUMNS, type PaymentRow } from './payment-row.js';

/** A payment that may be sent, and the lease to do so. Whoever takes the next lease ends it. */
export interface HeldPayment {
  readonly payment: PaymentRow;
  readonly lease: number;
  readonly sends: readonly Send[];
  /** See SendSituation. */
  readonly expired: boolean;
  /** The node did not know it of late, though it had begun it. */
  readonly forgotten: boolean;
}

/** Who sends: for operators. */
const PROCESS = `${hostname()}/${pid}`;

/** The next lease of a payment; undefined where it is not to be sent any more, or not yet. */
export function takeLease(pool: Pool, hash: PaymentHash): Promise<HeldPayment | undefined> {
  return inTransaction(pool, (tx) => takeLeaseIn(tx, hash));
}

/** {@link takeLease}, with the row of the first send where that needs no question before: `first`. */
export function takeLeaseToSend(
  pool: Pool,
  hash: PaymentHash,
): Promise<{ readonly held: HeldPayment; readonly first: boolean } | undefined> {
  return inTransaction(pool, async (tx) => {
    const held = await takeLeaseIn(tx, hash);
    if (held === undefined) return undefined;
    const first =
      nextSendStep({
        ...held,
        ...{ view: undefined, otherNode: false, hasLostOthers: false },
      }) === 'send';
    if (first) await insertSend(tx, { hash, n: 1, lease: held.lease });
    return { held, first };
  });
}

async function takeLeaseIn(tx: ClientBase, hash: PaymentHash): Promise<HeldPayment | undefined> {
  const [, { rows }, sends] = await pipeline([
    lockAttemptOf(tx, hash),
    takeNext(tx, hash),
    readSends(tx, hash),
  ]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { lease, expired, forgotten, ...payment } = row;
  return { payment, lease, expired, forgotten, sends };
}

type Taken = PaymentRow & Omit<HeldPayment, 'payment' | 'sends'>;

function takeNext(tx: ClientBase, hash: PaymentHash): Promise<QueryResult<Taken>> {
  return tx.query<Taken>(
    `update payments p set lease = p.lease + 1 from attempts a
     where p.hash = $1 and p.state = 'open' and a.action_id = p.action_id and a.attempt = p.attempt
       and a.state in ('FORWARDING', 'WITHDRAWING')
     returning ${PAYMENT_COLUMNS}, p.lease,
       p.expires_at + $2 * interval '1 second' <= clock_timestamp() as expired, p.forgotten_at is not null as forgotten`,
    [hash, FENCE_SECONDS],
  );
}

/** Attempts are locked before their payments, everywhere. */
async function lockAttemptOf(tx: ClientBase, hash: PaymentHash): Promise<void> {
  await tx.query(
    `select from attempts a join payments p using (action_id, attempt) where p.hash = $1 for no key update of a`,
    [hash],
  );
}

export async function readSends(
  db: Pick<ClientBase, 'query'>,
  hash: PaymentHash,
): Promise<readonly Send[]> {
  const { rows } = await db.query<Send>(
    `select answer, coalesce(extract(epoch from clock_timestamp() - answered_at), 0)::float8 as "answeredSeconds"
     from sends where hash = $1 order by n`,
    [hash],
  );
  return rows;
}

/** The row of the next send, before anything is sent; its number. Undefined where the lease is over. */
export async function beginSend(
  pool: Pool,
  { payment: { hash }, lease, sends }: HeldPayment,
): Promise<number | undefined> {
  return inTransaction(pool, async (tx) => {
    await lockAttemptOf(tx, hash);
    const { rowCount } = await tx.query(
      `select from payments p join attempts a using (action_id, attempt)
       where p.hash = $1 and p.lease = $2 and p.state = 'open' and a.state in ('FORWARDING', 'WITHDRAWING')`,
      [hash, lease],
    );
    if (rowCount === 0) return undefined;
    const n = sends.length + 1;
    await insertSend(tx, { hash, n, lease });
    return n;
  });
}

/** The schema refuses it where the payable may not be paid for, or the lease is over. */
export async function insertSend(
  tx: ClientBase,
  { hash, n, lease }: { readonly hash: PaymentHash; readonly n: number; readonly lease: number },
): Promise<void> {
  await tx.query('insert into sends (hash, n, lease, process) values ($1, $2, $3, $4)', [
    ...[hash, n, lease, PROCESS],
  ]);
}

/** {@link insertSend} of the first one, under the lease that the payment has by then. */
export async function insertFirstSend(tx: ClientBase, hash: PaymentHash): Promise<void> {
  await tx.query(
    'insert into sends (hash, n, lease, process) select hash, 1, lease, $2 from payments where hash = $1',
    [hash, PROCESS],
  );
}

/** Once: the first answer stays. Whoever has it writes it, also after the lease. */
export async function recordAnswer(
  db: Pick<ClientBase, 'query'>,
  hash: PaymentHash,
  n: number,
  answer: SendAnswer,
): Promise<void> {
  await db.query(
    `update sends set answer = $3, answered_at = clock_timestamp()
     where hash = $1 and n = $2 and answer is null`,
    [hash, n, answer],
  );
}
