import type { StoreAnswer } from '../port.js';
import { type AddressForm, addressOf } from './addresses.js';
import { callStore, unavailable } from './http-call.js';
import { StoreLimits } from './limits.js';
import { type JsonAnswer, readAnswer, type Refused, type StoreJson } from './read-answer.js';
import { sign, type StoreKey, type StoreRequest } from './sign.js';

export interface StoreAccess extends StoreKey {
  /** The site's address, with its folder if it is in one. */
  readonly url: string;
  readonly timeoutMs: number;
  /** Of one answer. Default 32 MiB: a hundred orders with long lists of items. */
  readonly maxBytes?: number;
}

export interface RestRequest {
  readonly method: StoreRequest['method'];
  /** Behind the API's version, as in `/orders/205`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
}

export type RestAnswer = Exclude<StoreAnswer<StoreJson>, { kind: 'refused' }> | Refused;

const MAX_BYTES = 32 * 1024 * 1024;

/** Signed calls to the REST API of one store, within its limits, in the form of address that it serves. */
export class RestTransport {
  readonly #limits = new StoreLimits();
  #form: AddressForm = 'pretty';

  constructor(private readonly access: StoreAccess) {}

  async call(request: RestRequest): Promise<RestAnswer> {
    const form = this.#form;
    const answer = await this.#callAs(form, request);
    if (answer.kind !== 'no_route') return answer;
    const other = form === 'pretty' ? 'plain' : 'pretty';
    const second = await this.#callAs(other, request);
    if (second.kind === 'no_route')
      return unavailable('the site serves no REST API of WooCommerce');
    if (second.kind !== 'unavailable') this.#form = other;
    return second;
  }

  #callAs(form: AddressForm, request: RestRequest): Promise<JsonAnswer> {
    const { url: site, timeoutMs, maxBytes = MAX_BYTES } = this.access;
    const { method, path, query = {}, body } = request;
    const address = addressOf(form, site, path);
    return this.#limits.run(async () => {
      // Signed when its turn has come: the store refuses old timestamps.
      const signed = sign(
        { method, url: address.url, query: { ...address.query, ...query } },
        this.access,
      );
      const call = { ...signed, method, timeoutMs, maxBytes };
      return readAnswer(await callStore(body === undefined ? call : { ...call, body }));
    });
  }
}
