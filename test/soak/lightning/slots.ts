import { randomUUID } from 'node:crypto';
import type { QuittanceClient } from '@quittance/sdk';
import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import { inTransaction } from '../../../db/transaction.js';
import { toMsat } from '../../../domain/money.js';
import { grantSats } from '../../../engine/credits/grant-sats.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import { payFrom } from '../../../services/cli/up/own-lnd.js';
import type { System } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';
import { atOnce, counted, range } from './at-once.js';
import {
  addHoldInvoice,
  failureOf,
  type HoldInvoice,
  invoiceState,
  paymentState,
} from './hold-invoices.js';
import { statesOf, untilEnded } from './states.js';

const SATS = 1_000;
const AMOUNT_MSAT = BigInt(SATS) * 1000n;
const SAVED_MSAT = toMsat(1_000_000_000n);
const WAIT_MS = 240_000;

interface Zap {
  readonly id: string;
  readonly hash: string;
  readonly bolt11: string;
}

interface Slots {
  readonly held: number;
  /** In words: what became of the others. */
  readonly others: string;
  /** Of the first round, once what was held was settled, and of the others' second try. */
  readonly ends: string;
  readonly again: string;
}

/** So many zaps by hold invoice are paid while nobody settles: bob's channel to alice has no slot for all of them. */
export async function fillIncoming(
  system: System,
  { alice, bob }: LightningNetwork,
  count: number,
): Promise<Slots> {
  const itemId = await postOf(system, 'slots-author');
  const zaps = await atOnce(12, range(count), () => openZap(system, itemId));
  const ids = zaps.map(({ id }) => id);
  const goOn = stopSettling(system);
  let held: Zap[] = [];
  let refused: Zap[] = [];
  try {
    // One that fails at once, has failed: that is looked at below.
    await atOnce(20, zaps, ({ bolt11 }) => payFrom(bob.channel, bolt11).catch(() => undefined));
    const isHeld = await atOnce(20, zaps, ({ hash }) =>
      waitUntil(
        'it to be held or refused',
        async () => {
          if ((await invoiceState(alice, hash)) === 'ACCEPTED') return 'held';
          return (await paymentState(bob, hash)) === 'FAILED' ? 'refused' : undefined;
        },
        WAIT_MS,
      ),
    );
    held = zaps.filter((_, n) => isHeld[n] === 'held');
    refused = zaps.filter((_, n) => isHeld[n] === 'refused');
  } finally {
    goOn();
  }
  const reasons = await atOnce(5, refused, ({ hash }) => failureOf(bob, hash));
  await untilEnded(
    system,
    held.map(({ id }) => id),
    WAIT_MS,
  );
  const ends = await statesOf(system, ids);
  // The same invoices: the payer only tries again.
  await atOnce(5, refused, ({ bolt11 }) => payFrom(bob.channel, bolt11));
  await untilEnded(system, ids, WAIT_MS);
  return {
    held: held.length,
    others: counted(reasons),
    ends: counted(ends),
    again: counted(
      await statesOf(
        system,
        refused.map(({ id }) => id),
      ),
    ),
  };
}

/** Until the function that is given back is called, nobody settles or cancels. */
export function stopSettling({ processes }: System): () => void {
  const pids = [processes.relay, processes.worker].flatMap(({ pid }) => pid ?? []);
  pids.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  return () => pids.forEach((pid) => process.kill(pid, 'SIGCONT'));
}

export async function postOf(system: System, author: string): Promise<string> {
  const { action } = await (
    await system.account(author, '10000000')
  ).openAction({
    ...{ type: 'ITEM_CREATE', args: { title: 'To be zapped' }, payment: 'credits' },
  });
  return action.result['itemId'] ?? '';
}

/** By hold invoice. */
export async function openZap(system: System, itemId: string, sats = SATS): Promise<Zap> {
  const { action } = await system.client().openAction({
    ...{ type: 'ZAP', args: { itemId, sats }, payment: 'invoice' },
  });
  const invoice = action.attempts.at(-1)?.invoice;
  if (typeof invoice?.bolt11 !== 'string') throw new Error('no invoice');
  return { id: action.id, hash: invoice.hash, bolt11: invoice.bolt11 };
}

/** So many withdrawals go to a payee that keeps what is paid: alice's channel to bob has no slot for all of them. */
export async function fillOutgoing(
  system: System,
  { carol }: LightningNetwork,
  count: number,
): Promise<Slots> {
  const saver = await system.account('slots-saver');
  const { id: accountId } = await saver.me();
  await inTransaction(system.pool, (tx) =>
    grantSats(tx, { accountId, amountMsat: SAVED_MSAT, key: 'slots' }),
  );
  const first = await atOnce(8, range(count), () => withdraw(saver, carol));
  const ids = first.map(({ id }) => id);
  const isSettled = new Map<string, boolean>();
  await waitUntil(
    'each to be held by the payee, or to have failed',
    async () => {
      const states = await statesOf(system, ids);
      const open = first.filter(({ hash }, n) => states[n] !== 'FAILED' && !isSettled.has(hash));
      await atOnce(20, open, async ({ hash }) => {
        if ((await invoiceState(carol, hash)) === 'ACCEPTED') isSettled.set(hash, false);
      });
      return first.every(({ hash }, n) => states[n] === 'FAILED' || isSettled.has(hash));
    },
    WAIT_MS,
  );
  const failed = (await statesOf(system, ids)).filter((state) => state === 'FAILED').length;
  const others = await failures(system, ids);
  const held = first.filter(({ hash }) => isSettled.has(hash));
  await atOnce(10, held, ({ preimage }) => carol.channel.call(METHODS.settleInvoice, { preimage }));
  await untilEnded(system, ids, WAIT_MS);
  // A hash is paid at most once: another invoice is needed.
  const again = await atOnce(4, range(failed), () => withdraw(saver, carol));
  await atOnce(4, again, async ({ hash, preimage }) => {
    await waitUntil('held', async () => (await invoiceState(carol, hash)) === 'ACCEPTED', WAIT_MS);
    await carol.channel.call(METHODS.settleInvoice, { preimage });
  });
  const againIds = again.map(({ id }) => id);
  await untilEnded(system, againIds, WAIT_MS);
  return {
    ...{ held: held.length, others, ends: counted(await statesOf(system, ids)) },
    again: counted(await statesOf(system, againIds)),
  };
}

async function withdraw(
  saver: QuittanceClient,
  carol: LightningNetwork['carol'],
): Promise<HoldInvoice & { readonly id: string }> {
  const invoice = await addHoldInvoice(carol, AMOUNT_MSAT);
  const { id } = await saver.withdraw({ bolt11: invoice.bolt11 }, { idempotencyKey: randomUUID() });
  return { ...invoice, id };
}

async function failures({ pool }: System, ids: readonly string[]): Promise<string> {
  const { rows } = await pool.query<{ failure: string }>(
    `select failure from payments where action_id = any($1::uuid[]) and state = 'failed'`,
    [ids],
  );
  return counted(rows.map(({ failure }) => failure));
}

/** What the saver has, and has to have: all but what was paid, and what routing cost. */
export async function savers({ pool }: System): Promise<{ has: bigint; should: bigint }> {
  const { rows } = await pool.query<{ has: bigint; gone: bigint }>(
    `select (select l.balance_msat from ledger_accounts l join accounts a on a.id = l.owner
             where a.name = 'slots-saver' and l.asset = 'SATS')::bigint as has,
       (select coalesce(sum(p.amount_msat + p.fee_msat), 0) from payments p where p.state = 'succeeded' and p.wallet is null)::bigint as gone`,
  );
  const { has = 0n, gone = 0n } = rows[0] ?? {};
  return { has, should: SAVED_MSAT - gone };
}
