import type { ActionCalls } from './action-calls.js';
import { NoAnswerError, QuittanceError, WaitTimeoutError } from './errors.js';
import type { Action } from './types.js';

/** A wallet of the payer, on the payer's device. What it can spend by is never sent to the server. */
export interface PayerWallet {
  readonly name: string;
  /**
   * Asks the wallet to pay. What it answers is not believed, and its errors say nothing: only the server knows whether the invoice was
   * paid. It may hang.
   */
  pay(bolt11: string, signal: AbortSignal): Promise<unknown>;
}

export interface WalletTry {
  readonly wallet: string;
  readonly attempt: number;
  /** What the wallet said, where it said something. Unknown is not failed: the server decided. */
  readonly error?: unknown;
  readonly outcome: 'paid' | 'not_paid';
}

export interface WalletPayment {
  /** PAID; or with an invoice that nobody has been asked to pay yet, for a QR code; or as it ended otherwise. */
  readonly action: Action;
  readonly tries: readonly WalletTry[];
}

export interface PayOptions {
  /** Of an action without an account. */
  readonly capability?: string;
  /** For one wallet to pay; default 60 s. Then the invoice is cancelled, and the next wallet gets a new one. */
  readonly timeoutMs?: number;
  readonly onTry?: (wallet: string, action: Action) => void;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 60_000;
/** How long the server may take to say what became of an invoice that is being cancelled. */
const OUTCOME_MS = 600_000;

/** The payee's side failed, not the payer's wallet: the same one is asked once more. */
const OF_PAYEE: ReadonlySet<string> = new Set([
  'INVOICE_FORWARDING_FAILED',
  'INVOICE_FORWARDING_CLTV_DELTA_TOO_LOW',
]);

/**
 * Pays an action with the wallets in their order. No invoice is shown to a second payer: what one wallet was asked to pay is cancelled
 * at the node before the next wallet, or a QR code, gets a new one. Throws as the client does where the server refuses.
 */
export async function payWithWallets(
  client: ActionCalls,
  opened: Action,
  wallets: readonly PayerWallet[],
  options: PayOptions = {},
): Promise<WalletPayment> {
  const tries: WalletTry[] = [];
  let action = await ready(client, opened, options);
  const queue = [...wallets];
  const again = new Set<PayerWallet>();
  for (let wallet = queue.shift(); wallet !== undefined; wallet = queue.shift()) {
    const bolt11 = payable(action);
    if (bolt11 === undefined) break;
    const attempt = attemptOf(action);
    options.onTry?.(wallet.name, action);
    const { after, error } = await tryOne(client, action, { wallet, bolt11 }, options);
    tries.push({
      ...{ wallet: wallet.name, attempt, outcome: after.state === 'PAID' ? 'paid' : 'not_paid' },
      ...(error === undefined ? {} : { error }),
    });
    action = after;
    if (action.state !== 'FAILED' || !action.retryable) break;
    if (isOfPayee(action) && !again.has(wallet)) {
      again.add(wallet);
      queue.unshift(wallet);
    }
    action = await ready(client, await retried(client, action, options), options);
  }
  return { action, tries };
}

interface Asked {
  readonly wallet: PayerWallet;
  readonly bolt11: string;
}

/** Until the attempt has ended: by payment, or because its invoice was cancelled. */
async function tryOne(
  client: ActionCalls,
  action: Action,
  { wallet, bolt11 }: Asked,
  options: PayOptions,
): Promise<{ after: Action; error?: unknown }> {
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const stopping = new AbortController();
  const limit = AbortSignal.any([
    stopping.signal,
    AbortSignal.timeout(timeoutMs),
    ...(signal === undefined ? [] : [signal]),
  ]);
  let failed: { error: unknown } | undefined;
  const walletFailed = new AbortController();
  const asked = Promise.resolve()
    .then(() => wallet.pay(bolt11, limit))
    .catch((error: unknown) => {
      failed = { error };
      walletFailed.abort();
    });
  try {
    const watched = { ...options, signal: AbortSignal.any([limit, walletFailed.signal]) };
    const ended = await endOf(client, action, watched, timeoutMs);
    if (ended !== undefined) return { after: ended, ...failed };
    signal?.throwIfAborted();
    return { after: await cancelled(client, action, options), ...failed };
  } finally {
    stopping.abort();
    void asked;
  }
}

/** PAID or FAILED within the time; else undefined. */
async function endOf(
  client: ActionCalls,
  { id }: Action,
  { capability, signal }: PayOptions,
  timeoutMs: number,
): Promise<Action | undefined> {
  try {
    return await client.waitForAction(id, {
      timeoutMs,
      ...(capability === undefined ? {} : { capability }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true || error instanceof WaitTimeoutError) return undefined;
    throw error;
  }
}

/** The attempt is over when this returns: nobody can pay its invoice any more, or somebody has. Money that is held is waited for. */
async function cancelled(
  client: ActionCalls,
  { id }: Action,
  { capability, signal }: PayOptions,
): Promise<Action> {
  const proof = {
    ...(capability === undefined ? {} : { capability }),
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    await client.cancelAction(id, proof);
  } catch (error) {
    // It is held, or paid: its end is near. Out of reach: the next read says how it is.
    const mayEnd = error instanceof NoAnswerError || isNotCancellable(error);
    if (!mayEnd) throw error;
  }
  return client.waitForAction(id, { timeoutMs: OUTCOME_MS, ...proof });
}

function retried(client: ActionCalls, action: Action, options: PayOptions): Promise<Action> {
  const proof = options.capability === undefined ? {} : { capability: options.capability };
  return client.retryAction(action.id, attemptOf(action), { payment: 'invoice' }, proof);
}

/** With an invoice, or ended. */
function ready(client: ActionCalls, action: Action, options: PayOptions): Promise<Action> {
  if (isReady(action)) return Promise.resolve(action);
  const { capability, signal } = options;
  return client.waitForAction(action.id, {
    until: isReady,
    ...(capability === undefined ? {} : { capability }),
    ...(signal === undefined ? {} : { signal }),
  });
}

function isReady(action: Action): boolean {
  return !['INVOICING', 'WRAPPING', 'CANCELLING'].includes(action.state);
}

function payable(action: Action): string | undefined {
  if (action.state !== 'PENDING' && action.state !== 'PENDING_HELD') return undefined;
  return action.attempts.at(-1)?.invoice?.bolt11 ?? undefined;
}

function attemptOf(action: Action): number {
  return action.attempts.at(-1)?.attempt ?? 1;
}

function isOfPayee(action: Action): boolean {
  return OF_PAYEE.has(action.attempts.at(-1)?.reason ?? '');
}

function isNotCancellable(error: unknown): boolean {
  return error instanceof QuittanceError && error.code === 'action.not_cancellable';
}
