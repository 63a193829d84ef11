import type { StreamsView } from '../../../../../services/api/pages/ops/streams-view.js';
import { type Answered, ApiTester, askApp, type Headers } from '../tester.helper.js';
import type { ApiForTestsOptions } from '../../../../support/api.js';

/** As in development, and read often, so that tests need not wait. */
export const PAGES = { base: '', secureCookies: false, temporalUi: null, eventsMs: 50 } as const;

export function startPages(options: ApiForTestsOptions = {}): Promise<ApiTester> {
  return ApiTester.start({ pages: PAGES, ...options });
}

/** A browser as far as requests go: keeps cookies, and sends forms as a page of ours would. */
export class Visitor {
  readonly cookies = new Map<string, string>();

  constructor(
    readonly tester: ApiTester,
    readonly headers: Headers = { 'sec-fetch-site': 'same-origin' },
  ) {}

  async get(url: string): Promise<Answered> {
    return this.#ask('GET', url, undefined, { accept: 'text/html' });
  }

  async post(url: string, fields: Readonly<Record<string, string>> = {}): Promise<Answered> {
    const form = new URLSearchParams(fields).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#ask('POST', url, form, { ...type, ...this.headers });
  }

  /** With the token of these headers. */
  async signIn({ authorization = '' }: Headers): Promise<Answered> {
    return this.post('/sign-in', { token: authorization.replace('Bearer ', '') });
  }

  async #ask(
    method: 'GET' | 'POST',
    url: string,
    body: string | undefined,
    headers: Headers,
  ): Promise<Answered> {
    const cookie = [...this.cookies].map((one) => one.join('=')).join('; ');
    const sent = { ...headers, ...(cookie === '' ? {} : { cookie }) };
    const answer = await askApp(this.tester.api.app, {
      ...{ method, url, headers: sent },
      ...(body === undefined ? {} : { body }),
    });
    const cookies: unknown = answer.headers['set-cookie'] ?? [];
    for (const one of [cookies].flat()) if (typeof one === 'string') this.#keep(one);
    return answer;
  }

  #keep(cookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (/max-age=0(;|$)/i.test(cookie)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** A browser in which the account of these headers has signed in. */
export async function signedIn(tester: ApiTester, headers: Headers): Promise<Visitor> {
  const visitor = new Visitor(tester);
  await visitor.signIn(headers);
  return visitor;
}

/** What a page that waits for a wallet sends when its button is pressed. */
export function challengeIn(text: string): Record<'k1' | 'secret' | 'next', string> {
  const field = (name: string): string =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
  return { k1: field('k1'), secret: field('secret'), next: field('next') };
}

/** Dead letters as NATS would hold them. */
export function streamsFor(letters: { seq: number; subject: string }[]): StreamsView {
  return {
    deadLetters: () =>
      Promise.resolve({
        letters: letters.map((letter) => ({
          ...letter,
          ...{ reason: 'bad_signature', consumer: 'payments', diedAt: '2026-11-26T10:00:00Z' },
        })),
        all: letters.length,
      }),
    replay: (seqs) => {
      const chosen = letters.filter(({ seq }) => seqs.includes(seq));
      for (const letter of chosen) letters.splice(letters.indexOf(letter), 1);
      return Promise.resolve(chosen.length);
    },
    consumers: () =>
      Promise.resolve([
        { stream: 'PAYMENTS', consumer: 'payments', waiting: 0, unacknowledged: 0 },
        { stream: 'CONFIRMATIONS', consumer: 'confirmations', waiting: 3, unacknowledged: 1 },
      ]),
  };
}
