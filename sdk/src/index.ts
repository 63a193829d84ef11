import type { z } from 'zod';
import {
  accountAnswer,
  accountWithTokenAnswer,
  grantAnswer,
  ownAccountAnswer,
} from './answers/account.js';
import { actionAnswer, actionPageAnswer, collectedAnswer, openedAnswer } from './answers/action.js';
import { itemAnswer, itemPageAnswer } from './answers/item.js';
import { People } from './people.js';
import { Territories } from './territories.js';
import { type CallOptions, Transport, type TransportOptions } from './transport.js';
import type {
  Account,
  AccountWithToken,
  Action,
  ActionPage,
  CollectedAction,
  Grant,
  Item,
  ItemPage,
  OpenActionRequest,
  OpenedAction,
  OwnAccount,
  PageRequest,
  PaymentChoice,
  WaitOptions,
} from './types.js';
import { waitFor } from './wait.js';

export { NoAnswerError, QuittanceError, WaitTimeoutError } from './errors.js';
export type { CallOptions, TransportOptions } from './transport.js';
export type * from './types.js';

/**
 * Client of the HTTP API. Every method throws QuittanceError (with a stable `code`) when the request is refused, and
 * NoAnswerError when there was no answer after some tries. Repeating a POST is safe: each call has one idempotency key.
 */
export class QuittanceClient {
  readonly #transport: Transport;
  /** Territories, rewards, statistics and files. */
  readonly territories: Territories;
  /** Accounts: opening one, settings, lists, what is new, invitations. */
  readonly people: People;

  constructor(options: TransportOptions) {
    this.#transport = new Transport(options);
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

  getAction(id: string, options: CallOptions = {}): Promise<Action> {
    return this.#get(`/v1/actions/${encodeURIComponent(id)}`, actionAnswer, options);
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
    return this.#get('/v1/actions', actionPageAnswer, options, { ...page });
  }

  /** Gives the action as it is afterwards: PAID if it was paid first, CANCELLING while the node has not answered. */
  cancelAction(id: string, options: CallOptions = {}): Promise<Action> {
    const path = `/v1/actions/${encodeURIComponent(id)}/cancel`;
    return this.#post(path, {}, actionAnswer, options);
  }

  /** Opens a new attempt, if `attempt` is still the newest and has failed. Of concurrent retries one succeeds. */
  retryAction(
    id: string,
    attempt: number,
    payment: PaymentChoice = {},
    options: CallOptions = {},
  ): Promise<Action> {
    const path = `/v1/actions/${encodeURIComponent(id)}/retry`;
    return this.#post(path, { attempt, ...payment }, actionAnswer, options);
  }

  /**
   * Pays a Lightning invoice from the account's sats, once. The action is WITHDRAWING until the node knows its end: then PAID, or FAILED
   * with everything given back.
   */
  withdraw(
    withdrawal: {
      readonly bolt11: string;
      /** Where the invoice names none. */
      readonly amountMsat?: string;
      /** Most that routing may cost. Default: 1 %, at least 10 sats. */
      readonly maxFeeMsat?: string;
    },
    options: CallOptions = {},
  ): Promise<Action> {
    return this.#post('/v1/withdrawals', withdrawal, actionAnswer, options);
  }

  /** What an action that was opened without an account owes becomes credits of the token's account, once. Needs its capability. */
  collectClaims(
    id: string,
    options: CallOptions & { readonly capability: string },
  ): Promise<CollectedAction> {
    const path = `/v1/actions/${encodeURIComponent(id)}/claims/collect`;
    return this.#post(path, {}, collectedAnswer, options);
  }

  /** Paid items of all authors; with `author: 'me'` the account's own in any state. */
  listItems(
    page: PageRequest & { readonly author?: 'me' } = {},
    options: CallOptions = {},
  ): Promise<ItemPage> {
    return this.#get('/v1/items', itemPageAnswer, options, { ...page });
  }

  getItem(id: string, options: CallOptions = {}): Promise<Item> {
    return this.#get(`/v1/items/${encodeURIComponent(id)}`, itemAnswer, options);
  }

  /** The account that the token belongs to, with its credits. */
  me(options: CallOptions = {}): Promise<OwnAccount> {
    return this.#get('/v1/accounts/me', ownAccountAnswer, options);
  }

  /** Operators only. The token is shown only in this answer. */
  openAccount(
    account: { readonly name: string; readonly role?: 'user' | 'operator' },
    options: CallOptions = {},
  ): Promise<AccountWithToken> {
    return this.#post('/v1/accounts', account, accountWithTokenAnswer, options);
  }

  /** Operators only. Issues another token for an account. */
  issueToken(name: string, label: string, options: CallOptions = {}): Promise<AccountWithToken> {
    return this.#post(`${accountPath(name)}/tokens`, { label }, accountWithTokenAnswer, options);
  }

  /** Operators only. Revokes all tokens of an account. */
  revokeTokens(name: string, options: CallOptions = {}): Promise<Account> {
    return this.#post(`${accountPath(name)}/tokens/revoke`, {}, accountAnswer, options);
  }

  /** Operators only. Credits, or with `asset: 'SATS'` sats. Credits expire at `expiresAt`; never when left out. Sats never do. */
  grantCredits(
    name: string,
    grant: {
      readonly asset?: 'CREDITS' | 'SATS';
      readonly amountMsat: string;
      readonly reason: string;
      readonly expiresAt?: string;
    },
    options: CallOptions = {},
  ): Promise<Grant> {
    return this.#post(`${accountPath(name)}/credits`, grant, grantAnswer, options);
  }

  async #get<S extends z.ZodType>(
    path: string,
    answer: S,
    options: CallOptions,
    query: Readonly<Record<string, string | number | undefined>> = {},
  ): Promise<z.output<S>> {
    const call = { ...options, method: 'GET', path, query, answer } as const;
    return (await this.#transport.call(call)).value;
  }

  async #post<S extends z.ZodType>(
    path: string,
    body: unknown,
    answer: S,
    options: CallOptions,
  ): Promise<z.output<S>> {
    const call = { ...options, method: 'POST', path, body, answer } as const;
    return (await this.#transport.call(call)).value;
  }
}

function accountPath(name: string): string {
  return `/v1/accounts/${encodeURIComponent(name)}`;
}
