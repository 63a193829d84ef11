import type { ActionCalls } from './action-calls.js';
import {
  accountAnswer,
  accountWithTokenAnswer,
  actionAnswer,
  actionPageAnswer,
  autoWithdrawalAnswer,
  collectedAnswer,
  commentPageAnswer,
  grantAnswer,
  itemAnswer,
  itemPageAnswer,
  openedAnswer,
  ownAccountAnswer,
  startTokenAnswer,
  statementAnswer,
  walletAnswer,
  walletsAnswer,
} from './guards.js';
import { People } from './people.js';
import { Territories } from './territories.js';
import { type CallOptions, Transport, type TransportOptions } from './transport.js';
import type {
  Account,
  AccountWithToken,
  Action,
  ActionPage,
  AutoWithdrawal,
  CollectedAction,
  CommentPage,
  Grant,
  NewGrant,
  StartTokenRequest,
  WithdrawalRequest,
  Item,
  ItemOrder,
  ItemPage,
  OpenActionRequest,
  OpenedAction,
  OwnAccount,
  PageRequest,
  PaymentChoice,
  StartToken,
  Statement,
  WaitOptions,
  Wallet,
} from './types.js';
import { TransmissionsClient } from './transmissions.js';
import { waitFor } from './wait.js';
import { type OperationName, OPERATIONS, type Operations } from './operations.js';
import { OptimisticAction, type OptimisticOptions } from './optimistic.js';
import { operationCall, type OperationRequest } from './call-operation.js';

export { NoAnswerError, QuittanceError, WaitTimeoutError } from './errors.js';
export type { CallOptions, TransportOptions } from './transport.js';
export { OPERATIONS } from './operations.js';
export type { ActionArgs, OperationName, Operations } from './operations.js';
export type { OperationRequest } from './call-operation.js';
export {
  OptimisticAction,
  type OptimisticOptions,
  type Progress,
  type Stage,
} from './optimistic.js';
export * from './wallets.js';
export * from './webln.js';
export type * from './transmissions.js';
export type * from './transmission-types.js';
export type * from './types.js';

/**
 * Client of the HTTP API. Every method throws QuittanceError (with a stable `code`) when the request is refused, and
 * NoAnswerError when there was no answer after some tries. Repeating a POST is safe: each call has one idempotency key.
 */
export class QuittanceClient implements ActionCalls {
  readonly #transport: Transport;
  /** Messages sent by satellite. */
  readonly transmissions: TransmissionsClient;
  /** Territories, rewards, statistics and files. */
  readonly territories: Territories;
  /** Accounts: opening one, settings, lists, what is new, invitations. */
  readonly people: People;

  constructor(options: TransportOptions) {
    this.#transport = new Transport(options);
    this.transmissions = new TransmissionsClient(this.#transport);
    this.territories = new Territories(this.#transport);
    this.people = new People(this.#transport);
  }

  /** Opens an action: the answer has its invoice, or is PAID already when credits cover it. */
  async openAction(request: OpenActionRequest, options: CallOptions = {}): Promise<OpenedAction> {
    const call = {
      method: 'POST',
      path: '/v1/actions',
      body: request,
      answer: openedAnswer,
    } as const;
    const { value, replayed } = await this.#transport.call({ ...options, ...call });
    const { capability, ...action } = value;
    return { action, replayed, ...(capability === undefined ? {} : { capability }) };
  }

  /**
   * An action to be shown at once: it is opened in the background, also when the server is out of reach for a while, and followed to its
   * end. Its two stages are `local` and `pending`; then it is `paid`, or `failed` and may be retried.
   */
  perform<L>(request: OpenActionRequest, options: OptimisticOptions<L>): OptimisticAction<L> {
    return new OptimisticAction(this, request, options);
  }

  /** Any operation of the API by its `operationId`, typed: what the other methods have no name for. */
  call<O extends OperationName>(
    operation: O,
    request: OperationRequest<O>,
    options: CallOptions = {},
  ): Promise<Operations[O]['answer']> {
    return this.#transport.value({ ...options, ...operationCall(OPERATIONS[operation], request) });
  }

  /** A token for starting the action's workflow in Temporal, for the token's account, at this cost at most. */
  startToken(request: StartTokenRequest, options: CallOptions = {}): Promise<StartToken> {
    return this.#transport.post('/v1/start-tokens', request, startTokenAnswer, options);
  }

  getAction(id: string, options: CallOptions = {}): Promise<Action> {
    return this.#transport.get(`/v1/actions/${encodeURIComponent(id)}`, actionAnswer, options);
  }

  /**
   * Reads the action until it is in one of the wanted states, also while the API is away. Throws WaitTimeoutError with
   * the action as it was last read.
   */
  waitForAction(id: string, options: WaitOptions = {}): Promise<Action> {
    const { capability } = options;
    const call = capability === undefined ? {} : { capability };
    return waitFor((signal) => this.getAction(id, { ...call, signal }), options);
  }

  /** The account's own actions, newest first. */
  listActions(
    page: PageRequest & { readonly state?: 'open' | 'paid' | 'failed' } = {},
    options: CallOptions = {},
  ): Promise<ActionPage> {
    return this.#transport.get('/v1/actions', actionPageAnswer, options, { ...page });
  }

  /** Gives the action as it is afterwards: PAID if it was paid first, CANCELLING while the node has not answered. */
  cancelAction(id: string, options: CallOptions = {}): Promise<Action> {
    const path = `/v1/actions/${encodeURIComponent(id)}/cancel`;
    return this.#transport.post(path, {}, actionAnswer, options);
  }

  /** Opens a new attempt, if `attempt` is still the newest and has failed. Of concurrent retries one succeeds. */
  retryAction(
    id: string,
    attempt: number,
    payment: PaymentChoice = {},
    options: CallOptions = {},
  ): Promise<Action> {
    const path = `/v1/actions/${encodeURIComponent(id)}/retry`;
    return this.#transport.post(path, { attempt, ...payment }, actionAnswer, options);
  }

  /**
   * Pays a Lightning invoice from the account's sats, once. The action is WITHDRAWING until the node knows its end: then PAID, or FAILED
   * with everything given back.
   */
  withdraw(withdrawal: WithdrawalRequest, options: CallOptions = {}): Promise<Action> {
    return this.#transport.post('/v1/withdrawals', withdrawal, actionAnswer, options);
  }

  /** Adds a wallet to be paid to, by its kind and address, or changes how it is used. */
  setWallet(
    wallet: Pick<Wallet, 'kind' | 'address'> &
      Partial<Pick<Wallet, 'priority' | 'enabled' | 'maxPending'>>,
    options: CallOptions = {},
  ): Promise<Wallet> {
    return this.#transport.put('/v1/wallets', wallet, walletAnswer, options);
  }

  /** In the order in which they are tried. */
  async listWallets(options: CallOptions = {}): Promise<readonly Wallet[]> {
    return (await this.#transport.get('/v1/wallets', walletsAnswer, options)).wallets;
  }

  /** Sats above the threshold, in whole sats, leave by themselves to a wallet of the account; null: they stay. */
  setAutoWithdrawal(
    thresholdMsat: string | null,
    options: CallOptions = {},
  ): Promise<AutoWithdrawal> {
    return this.#transport.put(
      '/v1/withdrawals/auto',
      { thresholdMsat },
      autoWithdrawalAnswer,
      options,
    );
  }

  autoWithdrawal(options: CallOptions = {}): Promise<AutoWithdrawal> {
    return this.#transport.get('/v1/withdrawals/auto', autoWithdrawalAnswer, options);
  }

  /** What an action that was opened without an account owes becomes credits of the token's account, once. Needs its capability. */
  collectClaims(
    id: string,
    options: CallOptions & { readonly capability: string },
  ): Promise<CollectedAction> {
    const path = `/v1/actions/${encodeURIComponent(id)}/claims/collect`;
    return this.#transport.post(path, {}, collectedAnswer, options);
  }

  /** Paid posts of all authors, or of a territory; with `author: 'me'` the account's own items in any state, newest first. */
  listItems(
    page: PageRequest & {
      readonly author?: 'me';
      readonly territory?: string;
      readonly sort?: ItemOrder;
    } = {},
    options: CallOptions = {},
  ): Promise<ItemPage> {
    return this.#transport.get('/v1/items', itemPageAnswer, options, { ...page });
  }

  /** Paid items that have the words; those in titles first. */
  searchItems(
    search: PageRequest & { readonly q: string },
    options: CallOptions = {},
  ): Promise<ItemPage> {
    return this.#transport.get('/v1/search', itemPageAnswer, options, { ...search });
  }

  /** The comments below an item, as a tree: paid ones, and the account's own. */
  listComments(
    id: string,
    page: PageRequest & { readonly sort?: ItemOrder } = {},
    options: CallOptions = {},
  ): Promise<CommentPage> {
    const path = `/v1/items/${encodeURIComponent(id)}/comments`;
    return this.#transport.get(path, commentPageAnswer, options, { ...page });
  }

  /** Blanks an own item. Again is the same as once. */
  deleteItem(id: string, options: CallOptions = {}): Promise<Item> {
    return this.#transport.post(
      `/v1/items/${encodeURIComponent(id)}/delete`,
      {},
      itemAnswer,
      options,
    );
  }

  /** What changed the account's balances, newest first. */
  readStatement(page: PageRequest = {}, options: CallOptions = {}): Promise<Statement> {
    return this.#transport.get('/v1/accounts/me/statement', statementAnswer, options, { ...page });
  }

  getItem(id: string, options: CallOptions = {}): Promise<Item> {
    return this.#transport.get(`/v1/items/${encodeURIComponent(id)}`, itemAnswer, options);
  }

  /** The account that the token belongs to, with its credits. */
  me(options: CallOptions = {}): Promise<OwnAccount> {
    return this.#transport.get('/v1/accounts/me', ownAccountAnswer, options);
  }

  /** Operators only. The token is shown only in this answer. */
  openAccount(
    account: { readonly name: string; readonly role?: OwnAccount['role'] },
    options: CallOptions = {},
  ): Promise<AccountWithToken> {
    return this.#transport.post('/v1/accounts', account, accountWithTokenAnswer, options);
  }

  /** Operators only. Issues another token for an account. */
  issueToken(name: string, label: string, options: CallOptions = {}): Promise<AccountWithToken> {
    return this.#transport.post(
      `${accountPath(name)}/tokens`,
      { label },
      accountWithTokenAnswer,
      options,
    );
  }

  /** Operators only. Revokes all tokens of an account. */
  revokeTokens(name: string, options: CallOptions = {}): Promise<Account> {
    return this.#transport.post(`${accountPath(name)}/tokens/revoke`, {}, accountAnswer, options);
  }

  /** Operators only. Credits, or with `asset: 'SATS'` sats. Credits expire at `expiresAt`; never when left out. Sats never do. */
  grantCredits(name: string, grant: NewGrant, options: CallOptions = {}): Promise<Grant> {
    return this.#transport.post(`${accountPath(name)}/credits`, grant, grantAnswer, options);
  }
}

function accountPath(name: string): string {
  return `/v1/accounts/${encodeURIComponent(name)}`;
}
