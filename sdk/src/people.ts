import {
  challengeAnswer,
  inviteAnswer,
  namesAnswer,
  openedAnswer,
  settingsAnswer,
  signedUpAnswer,
  unreadAnswer,
} from './guards.js';
import type { CallOptions, Transport } from './transport.js';
import type { AccountSettings, Action, Invite, LoginChallenge, SignedUp, Unread } from './types.js';

/** What an account follows or mutes. */
export type NameList = 'follows' | 'mutes' | 'territories';

/** Accounts: opening one, settings, lists, what is new, invitations. */
export class People {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Opens an account for oneself. The token is shown only in this answer. */
  signUp(name: string, options: CallOptions = {}): Promise<SignedUp> {
    return this.#transport.post('/v1/sign-up', { name }, signedUpAnswer, options);
  }

  /** A wallet signs it (LNURL-auth), then logIn gives a token. */
  askToLogIn(options: CallOptions = {}): Promise<LoginChallenge> {
    return this.#transport.post('/v1/login/lnurl', {}, challengeAnswer, options);
  }

  /** `name`: of the account that a key without one gets. */
  logIn(
    challenge: Pick<LoginChallenge, 'k1' | 'secret'>,
    name?: string,
    options: CallOptions = {},
  ): Promise<SignedUp> {
    const { k1, secret } = challenge;
    const body = name === undefined ? { k1, secret } : { k1, secret, name };
    return this.#transport.post('/v1/login/lnurl/token', body, signedUpAnswer, options);
  }

  settings(options: CallOptions = {}): Promise<AccountSettings> {
    return this.#transport.get('/v1/accounts/me/settings', settingsAnswer, options);
  }

  changeSettings(
    body: Partial<AccountSettings>,
    options: CallOptions = {},
  ): Promise<AccountSettings> {
    const call = { method: 'PATCH', path: '/v1/accounts/me/settings', body } as const;
    return this.#transport.value({ ...options, ...call, answer: settingsAnswer });
  }

  unread(options: CallOptions = {}): Promise<Unread> {
    return this.#transport.get('/v1/accounts/me/unread', unreadAnswer, options);
  }

  /** Everything up to now has been seen. */
  seen(options: CallOptions = {}): Promise<Unread> {
    return this.#transport.post('/v1/accounts/me/seen', {}, unreadAnswer, options);
  }

  async names(list: NameList, options: CallOptions = {}): Promise<readonly string[]> {
    return (await this.#transport.get(`/v1/accounts/me/${list}`, namesAnswer, options)).names;
  }

  async add(list: NameList, name: string, options: CallOptions = {}): Promise<readonly string[]> {
    const call = { method: 'PUT', path: nameIn(list, name) } as const;
    return (await this.#transport.value({ ...options, ...call, answer: namesAnswer })).names;
  }

  async remove(
    list: NameList,
    name: string,
    options: CallOptions = {},
  ): Promise<readonly string[]> {
    const call = { method: 'DELETE', path: nameIn(list, name) } as const;
    return (await this.#transport.value({ ...options, ...call, answer: namesAnswer })).names;
  }

  invite(
    invite: {
      readonly giftSats: number;
      readonly code?: string;
      readonly mostGifts?: number | null;
      readonly expiresAt?: string | null;
    },
    options: CallOptions = {},
  ): Promise<Invite> {
    return this.#transport.post('/v1/invites', invite, inviteAnswer, options);
  }

  /** Takes the gift of an invitation, as a new account. */
  redeem(code: string, options: CallOptions = {}): Promise<Action> {
    return this.#transport.post(
      `/v1/invites/${encodeURIComponent(code)}/redeem`,
      {},
      openedAnswer,
      options,
    );
  }
}

function nameIn(list: NameList, name: string): string {
  return `/v1/accounts/me/${list}/${encodeURIComponent(name)}`;
}
