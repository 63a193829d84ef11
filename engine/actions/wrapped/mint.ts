import type { ClientBase } from 'pg';
import {
  type DecodedInvoice,
  LightningError,
  type RouteEstimate,
} from '../../../adapters/lightning/port.js';
import { readNow } from '../../../db/now.js';
import { type PayeeWallets, WalletError } from '../../../adapters/lightning/wallets/port.js';
import type { Msat } from '../../../domain/money.js';
import { type Description, wrappedDescription } from '../../../domain/payouts/description.js';
import {
  refuseMinted,
  wrapDelta,
  wrappedExpirySeconds,
} from '../../../domain/payouts/wrap-rules.js';
import { type EngineContext, transact } from '../../context.js';
import { insertPayment } from '../../payouts/payment-row.js';
import { openWallet } from '../../payouts/wallet-secrets.js';
import { describe } from '../action.js';
import type { ActionRef } from '../contract.js';
import { feeBudgetOf, wrappedLegs } from './plan-wrapped.js';
import { hasRoom, MINT_EXPIRY_SECONDS, noteTry, type Wallet } from '../wallets.js';
import { lockWrapping, replaceLegs, type Wrapping } from './wrapping.js';

/** What a wallet is asked for. */
export interface MintFor {
  readonly ref: ActionRef;
  readonly askedMsat: Msat;
  readonly memo: string;
  /** In place of the payee's description. */
  readonly descriptionHash?: string;
  readonly feeBudgetMsat: Msat;
}

/** An invoice of a payee that can be wrapped. */
interface Minted {
  readonly bolt11: string;
  /** The public key of the node that has read it, and will pay it. */
  readonly node: string;
  readonly verify?: string | undefined;
  readonly decoded: DecodedInvoice;
  readonly amountMsat: Msat;
  readonly description: Description;
  readonly minFinalCltv: number;
  readonly expirySeconds: number;
}

/**
 * Has a wallet mint and records what the node reads in it, unless somebody has recorded another meanwhile. What cannot be wrapped is noted.
 * Throws LightningError while the node does not answer.
 */
export async function mintWith(
  engine: EngineContext,
  wallets: PayeeWallets,
  wallet: Wallet,
  request: MintFor,
): Promise<void> {
  const minted = await mint(engine, wallets, wallet, request);
  await transact(engine, async (tx) => {
    const wrapping = await lockWrapping(tx, request.ref);
    if (wrapping === undefined || wrapping.payment !== undefined) return;
    const failure =
      typeof minted === 'string' ? minted : await record(engine, tx, wrapping, wallet, minted);
    if (failure === undefined) return;
    const tried = { action: wrapping.action, attempt: request.ref.attempt };
    await noteTry(tx, tried, wallet.id, failure);
  });
}

/** Gives why it cannot be wrapped, in a word. */
async function mint(
  engine: EngineContext,
  wallets: PayeeWallets,
  wallet: Wallet,
  request: MintFor,
): Promise<Minted | string> {
  const { askedMsat, memo } = request;
  try {
    const { bolt11, verify } = await wallets.mint(openWallet(engine, wallet), {
      ...{ amountMsat: askedMsat, expirySeconds: MINT_EXPIRY_SECONDS, memo },
    });
    const minted = await read(engine, bolt11, request);
    return typeof minted === 'string' ? minted : { ...minted, verify };
  } catch (error) {
    if (error instanceof WalletError) return `wallet_${error.kind}`;
    if (error instanceof LightningError && error.kind === 'refused') return 'invoice_invalid';
    throw error;
  }
}

async function read(
  { node, pool, timers }: EngineContext,
  bolt11: string,
  { askedMsat, descriptionHash, feeBudgetMsat }: MintFor,
): Promise<Minted | string> {
  const [decoded, info, now] = await Promise.all([node.decode(bolt11), node.info(), readNow(pool)]);
  if (decoded.payee === info.publicKey) return 'self_payment';
  const refused = refuseMinted(decoded, askedMsat, now);
  const { amountMsat } = decoded;
  if (refused !== undefined || amountMsat === undefined) return refused ?? 'amount_missing';
  const description = wrappedDescription(decoded, descriptionHash);
  if (description === undefined) return 'description_too_long';
  const route = await node.estimateRoute({ bolt11 });
  const at = routeAt(route, info.blockHeight);
  const delta = wrapDelta(decoded, amountMsat, at, feeBudgetMsat);
  if ('refused' in delta) return delta.refused;
  const { invoiceExpirySeconds } = timers;
  const expirySeconds = Math.min(wrappedExpirySeconds(decoded, now), invoiceExpirySeconds);
  const { publicKey } = info;
  return { bolt11, node: publicKey, decoded, amountMsat, description, ...delta, expirySeconds };
}

function routeAt(
  route: RouteEstimate | undefined,
  height: number,
): (RouteEstimate & { readonly height: number }) | undefined {
  return route === undefined ? undefined : { ...route, height };
}

/** Rows of the payment and of the invoice that wraps it: the node is asked for that afterwards. */
async function record(
  engine: EngineContext,
  tx: ClientBase,
  wrapping: Wrapping,
  wallet: Wallet,
  { bolt11, node, verify, decoded, amountMsat, description, minFinalCltv, expirySeconds }: Minted,
): Promise<string | undefined> {
  const { ref, action } = wrapping;
  const { hash, expiresAt, minFinalCltv: payeeDelta } = decoded;
  if (!(await hasRoom(engine, tx, wallet.id))) return 'too_many_pending';
  const inserted = await insertPayment(tx, {
    ...{ ...ref, hash, wallet: wallet.id, node, bolt11, expiresAt, payeeDelta, amountMsat },
    ...{ namesAmount: false, maxFeeMsat: feeBudgetOf(action, amountMsat), verify },
  });
  if (!inserted) return 'hash_used';
  await replaceLegs(tx, wrapping, (others) => wrappedLegs(action, others, amountMsat, hash));
  const isText = 'memo' in description;
  await tx.query(
    `insert into invoices (hash, action_id, attempt, kind, amount_msat, expiry_seconds, memo, description_hash, wraps, min_final_cltv)
     values ($1, $2, $3, 'hold', $4, $5, $6, $7, $1, $8)`,
    [
      ...[hash, ref.actionId, ref.attempt, action.costMsat, expirySeconds],
      ...[
        isText ? description.memo : '',
        isText ? null : description.descriptionHash,
        minFinalCltv,
      ],
    ],
  );
  return undefined;
}

/** What is asked of the wallets of an attempt's payee. */
export function mintFor({ ref, action, attempt }: Wrapping): MintFor {
  if (attempt.payee_msat === null) throw new Error('a wrapped attempt without a payee');
  const askedMsat = attempt.payee_msat;
  const descriptionHash = action.type.descriptionHash?.(action.args);
  return {
    ...{ ref, askedMsat, memo: describe(action), feeBudgetMsat: feeBudgetOf(action, askedMsat) },
    ...(descriptionHash === undefined ? {} : { descriptionHash }),
  };
}
