import type { HeldHtlcs, LightningPort, PaymentHash } from '../../../adapters/lightning/port.js';
import type { PayeeWallets } from '../../../adapters/lightning/wallets/port.js';
import { openWallet, type WalletKeys } from '../../payouts/wallet-secrets.js';
import type { WalletOfPayment } from './read-outgoing.js';
import type { AttemptStory, NodeView, OutgoingStory, OutgoingView } from './story.js';

/** The newest ones: an operator's look must not keep the node busy. */
const ASKED_AT_MOST = 20;
/** For all of them together. */
const ANSWERED_WITHIN_MS = 2_000;

/** What the node says of an invoice, and of its HTLCs while it is held. */
export interface AskedInvoice {
  readonly view: NodeView;
  readonly held?: HeldHtlcs | undefined;
}

/** What the node says of each of the first hashes, all asked at once. A node that fails or is slow is told of, never waited for. */
export async function askNode(
  node: Pick<LightningPort, 'lookupInvoice'>,
  hashes: readonly PaymentHash[],
): Promise<ReadonlyMap<PaymentHash, AskedInvoice>> {
  const asked = await askAll(hashes, (hash) => ask(node, hash));
  return new Map([...asked].map(([hash, one]) => [hash, 'view' in one ? one : { view: one }]));
}

/** {@link askNode}, of payments that leave. */
export function askNodeOfPayments(
  node: Pick<LightningPort, 'lookupPayment'>,
  hashes: readonly PaymentHash[],
): Promise<ReadonlyMap<PaymentHash, OutgoingView>> {
  return askAll(hashes, (hash) => askOfPayment(node, hash));
}

/** How wallets of payees are asked. */
export interface Payees extends WalletKeys {
  readonly wallets?: PayeeWallets;
}

/** What the wallets of payees say, asked at once with the node. */
export async function askPayees(
  payees: Payees | undefined,
  asked: ReadonlyMap<PaymentHash, WalletOfPayment>,
): Promise<ReadonlyMap<PaymentHash, OutgoingStory['atPayee']>> {
  const views = await askAll([...asked.keys()], async (hash) => {
    const wallet = asked.get(hash);
    if (wallet === undefined || payees === undefined) return 'not_said';
    const said = await Promise.resolve()
      .then(() => payees.wallets?.hasReceived?.(openWallet(payees, wallet), hash, wallet.verify))
      .catch(() => undefined);
    if (said === undefined) return 'not_said';
    return said ? 'received' : 'not_received';
  });
  return new Map([...views].map(([hash, view]) => [hash, isText(view) ? view : 'not_said']));
}

function isText<T extends string>(view: T | NoAnswer): view is T {
  return typeof view === 'string';
}

interface NoAnswer {
  readonly answer: 'none';
  readonly error: string;
}

async function askAll<V>(
  hashes: readonly PaymentHash[],
  askOf: (hash: PaymentHash) => Promise<V>,
): Promise<ReadonlyMap<PaymentHash, V | NoAnswer>> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<NoAnswer>((resolve) => {
    const error = `no answer within ${ANSWERED_WITHIN_MS} ms`;
    timer = setTimeout(() => resolve({ answer: 'none', error }), ANSWERED_WITHIN_MS);
  });
  try {
    const views = hashes
      .slice(0, ASKED_AT_MOST)
      .map(async (hash) => [hash, await Promise.race([askOf(hash), tooLong])] as const);
    return new Map(await Promise.all(views));
  } finally {
    clearTimeout(timer);
  }
}

/** The height of the chain as the node sees it, where something ends at a height; null where nothing does, or the node does not say. */
export async function askHeight(
  node: Pick<LightningPort, 'info'>,
  attempts: readonly Pick<AttemptStory, 'invoices' | 'payments'>[],
): Promise<number | null> {
  const ends = attempts.flatMap(({ invoices, payments }) => [
    ...invoices.map(({ expiryHeight }) => expiryHeight),
    ...payments.map(({ maxHeight }) => maxHeight),
  ]);
  if (ends.every((height) => height === null)) return null;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ANSWERED_WITHIN_MS);
  });
  const height = node.info().then(
    ({ blockHeight }) => blockHeight,
    () => null,
  );
  return Promise.race([height, tooLong]).finally(() => clearTimeout(timer));
}

async function askOfPayment(
  node: Pick<LightningPort, 'lookupPayment'>,
  hash: PaymentHash,
): Promise<OutgoingView> {
  try {
    const payment = await node.lookupPayment(hash);
    if (payment === undefined) return { answer: 'unknown_hash' };
    const { state, expiryHeight = null } = payment;
    return { answer: 'known', state, expiryHeight };
  } catch (error) {
    return { answer: 'none', error: error instanceof Error ? error.message : String(error) };
  }
}

async function ask(
  node: Pick<LightningPort, 'lookupInvoice'>,
  hash: PaymentHash,
): Promise<AskedInvoice> {
  try {
    const invoice = await node.lookupInvoice(hash);
    if (invoice === undefined) return { view: { answer: 'unknown_hash' } };
    const { state, receivedMsat, held } = invoice;
    return { view: { answer: 'known', state, receivedMsat }, held };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { view: { answer: 'none', error: message } };
  }
}
