import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import { payFrom } from '../../../services/cli/up/own-lnd.js';
import type { System } from '../../e2e/system.helper.js';
import { NwcService } from '../../support/nwc-service.js';
import { waitUntil } from '../../support/wait-until.js';
import { addHoldInvoice, invoiceState, paymentState } from './hold-invoices.js';
import { statesOf } from './states.js';

/** So much that no HTLC is too small for the chain. */
const SATS = 50_000;
const WAIT_MS = 60_000;
/** More than any HTLC here lasts for. */
const MOST_BLOCKS = 150;

/** A payee whose wallet keeps what is paid to it. */
interface Keeper {
  readonly itemId: string;
  /** Of its newest invoice. */
  hash(): string;
  close(): Promise<void>;
}

export async function startKeeper(system: System, { carol }: LightningNetwork): Promise<Keeper> {
  let hash = '';
  const service = await NwcService.start({
    make_invoice: async ({ amount = 0, description = '' }) => {
      const invoice = await addHoldInvoice(carol, BigInt(amount), String(description));
      ({ hash } = invoice);
      return { invoice: invoice.bolt11 };
    },
  });
  const payee = await system.account('keeper', '10000000');
  await payee.setWallet({ kind: 'nwc', address: service.uri, maxPending: null });
  const { action } = await payee.openAction({
    ...{ type: 'ITEM_CREATE', args: { title: 'Of a payee that waits' }, payment: 'credits' },
  });
  return {
    itemId: action.result['itemId'] ?? '',
    hash: () => hash,
    close: () => service.close(),
  };
}

interface HeldTooLong {
  readonly state: string;
  readonly atPayer: string | undefined;
  /** Blocks that were made until it ended. */
  readonly blocks: number;
  /** From the height at which the payee's HTLC had to have ended to the end. Not above 0. */
  readonly pastMaxHeight: number;
  /** Of what pays for it, at the end. */
  readonly blocksLeft: number;
  readonly sends: number;
  readonly losses: bigint;
}

/** A wrapped payment is held by its payee, whose node is there or is not, until its HTLC is over. */
export async function heldTooLong(
  system: System,
  { alice, bob, carol, btcd }: LightningNetwork,
  keeper: Keeper,
  payeeIsAway: boolean,
): Promise<HeldTooLong> {
  const { id, bolt11 } = await openZap(system, keeper.itemId);
  await payFrom(bob.channel, bolt11);
  const hash = keeper.hash();
  await waitUntil('held', async () => (await invoiceState(carol, hash)) === 'ACCEPTED', WAIT_MS);
  const { expiry, maxHeight } = await heightsOf(system, hash);
  if (payeeIsAway) await carol.server.stop();
  const nodes = payeeIsAway ? [alice, bob] : [alice, bob, carol];
  const isOver = async (): Promise<boolean> => (await statesOf(system, [id]))[0] !== 'FORWARDING';
  let blocks = 0;
  while (blocks < MOST_BLOCKS && !(await isOver())) {
    await btcd.mine(1);
    blocks += 1;
    const height = await btcd.height();
    await waitUntil('the nodes to see it', async () => {
      const seen = await Promise.all(nodes.map(heightOf));
      return seen.every((one) => one >= height);
    });
    // What is done about a block takes a moment; most blocks change nothing.
    await waitUntil('the payment to end', isOver, PATIENCE_MS).catch(() => undefined);
  }
  const height = await btcd.height();
  const ended = async (): Promise<boolean> => (await statesOf(system, [id]))[0] === 'FAILED';
  await waitUntil('it to have failed', ended, WAIT_MS);
  const atPayer = await waitUntil(
    'the payer',
    async () => {
      const state = await paymentState(bob, hash);
      return state === 'IN_FLIGHT' ? undefined : state;
    },
    WAIT_MS,
  );
  return {
    ...{ state: (await statesOf(system, [id]))[0] ?? '', atPayer, blocks },
    ...{ pastMaxHeight: height - maxHeight, blocksLeft: expiry - height },
    ...(await lossesOf(system, hash)),
  };
}

const PATIENCE_MS = 1_500;

async function openZap(
  system: System,
  itemId: string,
): Promise<{ readonly id: string; readonly bolt11: string }> {
  const client = system.client();
  const { action, capability } = await client.openAction({
    ...{ type: 'ZAP', args: { itemId, sats: SATS }, payment: 'invoice' },
  });
  const call = capability === undefined ? {} : { capability };
  const opened = await client.waitForAction(action.id, {
    ...{ ...call, signal: AbortSignal.timeout(WAIT_MS) },
    until: ({ state }) => state !== 'INVOICING' && state !== 'WRAPPING',
  });
  const bolt11 = opened.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 !== 'string') throw new Error(`no invoice: ${opened.state}`);
  return { id: action.id, bolt11 };
}

async function heightOf({ channel }: LightningNetwork['alice']): Promise<number> {
  return (await channel.call(METHODS.getInfo, {})).block_height;
}

/** Of the HTLC that pays for it, and of the one to the payee. */
async function heightsOf(
  { pool }: System,
  hash: string,
): Promise<{ readonly expiry: number; readonly maxHeight: number }> {
  return waitUntil('the heights', async () => {
    const { rows } = await pool.query<{ expiry: number | null; maxHeight: number | null }>(
      `select i.expiry_height as expiry, p.max_height as "maxHeight" from payments p join invoices i on i.wraps = p.hash
       where p.hash = $1`,
      [hash],
    );
    const { expiry = null, maxHeight = null } = rows[0] ?? {};
    return expiry === null || maxHeight === null ? undefined : { expiry, maxHeight };
  });
}

async function lossesOf(
  { pool }: System,
  hash: string,
): Promise<{ readonly sends: number; readonly losses: bigint }> {
  const { rows } = await pool.query<{ sends: number; losses: bigint }>(
    `select (select count(*) from sends where hash = $1)::int as sends,
       (select -coalesce(sum(amount_msat), 0) from postings
          where ledger_account_id = (select id from ledger_accounts where system = 'losses'))::bigint as losses`,
    [hash],
  );
  return rows[0] ?? { sends: 0, losses: 0n };
}
