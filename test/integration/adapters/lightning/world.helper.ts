import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import {
  type CreateInvoice,
  type Invoice,
  type InvoiceState,
  LightningError,
  type LightningPort,
  type NodeEvent,
  type OutgoingPayment,
  type PaymentState,
  type SendPayment,
} from '../../../../adapters/lightning/port.js';
import type {
  PayeeWallets,
  WalletConnection,
} from '../../../../adapters/lightning/wallets/port.js';
import { toMsat, type Msat } from '../../../../domain/money.js';
import { waitUntil } from '../../../support/wait-until.js';

export type Outcome = 'succeed' | 'fail' | 'hang';
/** What a real node does not do for a test, or not in its time. */
export type Lack = 'forget' | 'lock' | 'set_timeout' | 'hang_until_expiry';
export type Lacks = ReadonlySet<Lack>;
export const NOTHING_LACKS: Lacks = new Set();

export type Mutation = 'createInvoice' | 'settleInvoice' | 'cancelInvoice' | 'sendPayment';

export interface PayeeInvoice {
  readonly hash: string;
  readonly bolt11: string;
  readonly amountMsat: Msat;
}

/** What a node under test stands in: others who pay it and are paid by it, a chain, and a faulty network. */
export interface World {
  readonly node: LightningPort;
  readonly wallets: PayeeWallets;
  /** A payee's wallet that can mint. */
  readonly wallet: WalletConnection;
  /** Another node sends an HTLC; resolves when our node has it. Refused by the payer when our node would refuse it. */
  pay(bolt11: string, how?: HowToPay): Promise<void>;
  /** The payer's view. */
  stateAtPayer(hash: string): Promise<PaymentState | undefined>;
  /** An invoice of another node; amount 0: the payer chooses. */
  mint(request: {
    readonly amountMsat: Msat;
    readonly outcome?: Outcome;
    readonly expirySeconds?: number;
  }): Promise<PayeeInvoice>;
  /** What the payee does with a payment that comes, or hangs. */
  decide(hash: string, outcome: Outcome): Promise<unknown>;
  mine(blocks: number): Promise<unknown>;
  /** As if the time had passed after which a set of HTLCs that is not complete is returned. */
  letSetTimeOut(hash: string): Promise<unknown>;
  /** The money on all nodes, in flight included. Throws when one of their books is wrong. */
  totalMsat(): Promise<bigint>;
  receivedByPayee(hash: string): Promise<Msat>;
  /** The next call of this kind: `lose` its answer, `park` it on the way, `double` it. */
  fault(call: Mutation, fault: 'lose' | 'park' | 'double'): Promise<unknown>;
  /** Delivers what was parked. */
  release(): Promise<unknown>;
  lock(): Promise<unknown>;
  heal(): Promise<unknown>;
  /** Takes the hash out of the node's data. */
  forget(hash: string): Promise<unknown>;
}

export interface HowToPay {
  readonly amountMsat?: Msat;
  readonly partMsat?: Msat;
  readonly cltvDelta?: number;
}

export const SATS = (sats: number): Msat => toMsat(BigInt(sats) * 1000n);

export function newSecret(): { readonly preimage: string; readonly hash: string } {
  const preimage = randomBytes(32);
  const hash = createHash('sha256').update(preimage).digest('hex');
  return { preimage: preimage.toString('hex'), hash };
}

export interface Held {
  readonly invoice: Invoice;
  readonly preimage: string;
  readonly hash: string;
}

export async function holdInvoice(
  { node }: World,
  more: Partial<CreateInvoice> = {},
): Promise<Held> {
  const secret = newSecret();
  const { hash } = secret;
  const request = { kind: 'hold' as const, hash, amountMsat: SATS(100), expirySeconds: 600 };
  const invoice = await node.createInvoice({ ...request, memo: 'a test', ...more });
  return { ...secret, hash: invoice.hash, invoice };
}

export async function heldInvoice(world: World, more: Partial<CreateInvoice> = {}): Promise<Held> {
  const held = await holdInvoice(world, more);
  await world.pay(held.invoice.bolt11);
  return held;
}

/** A payment of an invoice with limits that a usual route keeps. */
export function sending(
  { bolt11, hash }: Pick<PayeeInvoice, 'bolt11' | 'hash'>,
  more: Partial<SendPayment> = {},
): SendPayment {
  return { bolt11, expectedHash: hash, maxFeeMsat: SATS(100), giveUpSeconds: 30, ...more };
}

/** Sends, and waits until the payment has ended: the first status may be that it is in flight. */
export async function sendToEnd({ node }: World, request: SendPayment): Promise<OutgoingPayment> {
  const first = await node.sendPayment(request);
  return first.state === 'in_flight' ? endOf(node, first.hash) : first;
}

export function endOf(node: LightningPort, hash: string): Promise<OutgoingPayment> {
  return waitUntil('the end of the payment', async () => {
    const payment = await node.lookupPayment(hash);
    return payment?.state === 'in_flight' ? undefined : payment;
  });
}

/** Waits until the node has it in this state: what others do reaches it in its own time. */
export function invoiceIn({ node }: World, hash: string, state: InvoiceState): Promise<Invoice> {
  return waitUntil(`the invoice is ${state}`, async () => {
    const invoice = await node.lookupInvoice(hash);
    return invoice?.state === state ? invoice : undefined;
  });
}

/** The journal of a hash once it has so many events. */
export function journalOf(
  { node }: World,
  hash: string,
  length: number,
): Promise<readonly NodeEvent[]> {
  return waitUntil(`${length} events`, async () => {
    const events = await node.journal(hash);
    return events.length >= length ? events : undefined;
  });
}

/** A balance follows a payment when its HTLCs are gone from the channels. */
export async function untilSendable({ node }: World, amountMsat: bigint): Promise<void> {
  await waitUntil(
    `${amountMsat} msat to be sendable`,
    async () => (await node.balance()).sendableMsat === amountMsat,
  );
}

export function stateAtPayer(world: World, hash: string, state: PaymentState): Promise<true> {
  return waitUntil(`the payer's payment ${state}`, async () =>
    (await world.stateAtPayer(hash)) === state ? true : undefined,
  );
}

/** The kind and code of the error; `nothing` when there is none. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return 'nothing';
  expect(error).toBeInstanceOf(LightningError);
  if (!(error instanceof LightningError)) return 'no LightningError';
  return error.kind === 'refused' ? error.code : error.kind;
}

/** The events from a cursor on until one of them is the last that is waited for. */
export async function eventsUntil(
  { node }: World,
  after: bigint,
  isLast: (event: NodeEvent) => boolean,
): Promise<NodeEvent[]> {
  const enough = new AbortController();
  const events: NodeEvent[] = [];
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(10_000)]);
  for await (const event of node.subscribe(after, signal)) {
    events.push(event);
    if (isLast(event)) enough.abort();
  }
  return events;
}
