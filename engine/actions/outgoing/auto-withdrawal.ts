import type { ClientBase } from 'pg';
import { type PayeeWallets, WalletError } from '../../../adapters/lightning/wallets/port.js';
import type { Msat } from '../../../domain/money.js';
import { amountWithin, excessOf } from '../../../domain/payouts/auto-withdrawal.js';
import { refuseAmount } from '../../../domain/payouts/wrap-rules.js';
import { Refusal } from '../../../domain/refusal.js';
import { readSats } from '../../accounts/accounts.js';
import { type EngineContext, transact } from '../../context.js';
import { lockCredits } from '../../credits/accounts.js';
import { refuseInMaintenance } from '../../maintenance-mode.js';
import {
  type DueAutoWithdrawal,
  noteOpened,
  noteVain,
  readEligible,
  takeDue,
} from '../../payouts/auto-withdrawals.js';
import { openWallet } from '../../payouts/wallet-secrets.js';
import type { OpenAction } from '../contract.js';
import { autoWithdrawal } from '../types/withdrawal.js';
import { tellOfWallet } from '../wallet-notice.js';
import { findOwnWallets, hasRoom, MINT_EXPIRY_SECONDS, type Wallet } from '../wallets.js';
import { costOf, insertWithdrawal } from './insert-withdrawal.js';
import { type PayableInvoice, readPayable, refuseUnpayable } from './payable-invoice.js';

/** Longer than wallets and the node take; who takes over afterwards is told by the rows. */
const LEASE_SECONDS = 300;

/**
 * Opens the withdrawal of one account whose sats are above its threshold: a wallet of the account mints, and what was found is looked at
 * again under the account's lock. False where none is due. What fails is noted, and tried again after an hour.
 */
export async function withdrawNextExcess(engine: EngineContext): Promise<boolean> {
  const { wallets } = engine;
  if (wallets === undefined) return false;
  const due = await transact(engine, (tx) => takeDue(tx, LEASE_SECONDS));
  if (due === undefined) return false;
  const failure = await withdraw(engine, wallets, due);
  if (failure !== undefined) {
    await transact(engine, (tx) => noteVain(tx, due.accountId, failure));
  }
  return true;
}

/** Gives why nothing was opened, where a wallet or the node is the reason. */
async function withdraw(
  engine: EngineContext,
  wallets: PayeeWallets,
  due: DueAutoWithdrawal,
): Promise<string | undefined> {
  const excess = excessOf(due.balanceMsat, due.thresholdMsat);
  if (excess === undefined) return undefined;
  const askedMsat = amountWithin(excess);
  let failure = 'no_wallet';
  for (const wallet of await findOwnWallets(engine, due.accountId)) {
    const minted = await mint(engine, wallets, wallet, askedMsat);
    if (typeof minted !== 'string') return open(engine, due, wallet, minted);
    failure = minted;
    await transact(engine, (tx) =>
      tellOfWallet(tx, { type: autoWithdrawal.name, owner: due.accountId, wallet, failure }),
    );
  }
  return failure;
}

/** Gives why it cannot be paid, in a word. Throws Refusal `service.unavailable` while the node does not answer: no wallet is to blame. */
async function mint(
  engine: EngineContext,
  wallets: PayeeWallets,
  wallet: Wallet,
  askedMsat: Msat,
): Promise<PayableInvoice | string> {
  try {
    const { bolt11 } = await wallets.mint(openWallet(engine, wallet), {
      ...{ amountMsat: askedMsat, expirySeconds: MINT_EXPIRY_SECONDS, memo: 'withdrawal' },
    });
    const invoice = await readPayable(engine, { bolt11 });
    return refuseAmount(invoice.decoded.amountMsat, askedMsat) ?? invoice;
  } catch (error) {
    if (error instanceof WalletError) return `wallet_${error.kind}`;
    if (error instanceof Refusal && error.code !== 'service.unavailable') return error.code;
    throw error;
  }
}

/** Under the account's lock: what was found before may be over. */
async function open(
  engine: EngineContext,
  { accountId, accountName }: DueAutoWithdrawal,
  wallet: Wallet,
  invoice: PayableInvoice,
): Promise<string | undefined> {
  const account = { id: accountId, name: accountName };
  return transact(engine, async (tx) => {
    await refuseInMaintenance(tx);
    await refuseUnpayable(tx, invoice.decoded);
    await lockCredits(tx, [accountId]);
    if (!(await isStillDue(tx, accountId, costOf(invoice)))) return undefined;
    if (!(await hasRoom(engine, tx, wallet.id))) return 'too_many_pending';
    const opened = { type: autoWithdrawal, account, invoice, wallet: wallet.id };
    const action = await insertWithdrawal(engine, tx, askedOf(account), opened);
    await noteOpened(tx, accountId, action);
    return undefined;
  }).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    return error.code === 'service.maintenance' ? undefined : error.code;
  });
}

async function isStillDue(tx: ClientBase, accountId: string, costMsat: Msat): Promise<boolean> {
  const thresholdMsat = await readEligible(tx, accountId);
  if (thresholdMsat === undefined) return false;
  const excess = excessOf(await readSats(tx, accountId), thresholdMsat);
  return excess !== undefined && costMsat <= excess;
}

/** Nobody has asked: the account's setting did. */
function askedOf(account: { readonly id: string; readonly name: string }): OpenAction {
  const caller = { kind: 'account', role: 'user', ...account } as const;
  return { type: autoWithdrawal.name, args: {}, payment: 'credits', caller };
}
