import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { actionWorkflowId, orderWorkflowId } from '../../domain/names/workflows.js';
import { QuittanceClient } from '@quittance/sdk';
import { burst } from './callers.js';
import { type Post, post } from './http.js';

const AUTHORS = 100;
/** Below the limit of unpaid invoices per account. */
const ZAPS_PER_ACCOUNT = 80;
const SATS = 10;
const invoice = z.object({
  hash: z.string(),
  amountMsat: z.string(),
  bolt11: z.string().nullable(),
});
const openedZap = z.object({
  id: z.uuid(),
  attempts: z.tuple([z.object({ invoice: invoice.nullable() })]),
});
const placedOrder = z.object({
  uuid: z.uuid(),
  lightning_invoice: z.object({ rhash: z.string(), msatoshi: z.string(), payreq: z.string() }),
});

/** An opened action or order with its invoice. */
export interface Opened {
  readonly id: string;
  readonly workflowId: string;
  /** Empty if it was paid by credits. */
  readonly hash: string;
  readonly amountMsat: string;
  readonly bolt11: string;
}

/** Items to zap, and accounts that zap them. */
export class Actors {
  #zaps = 0;

  private constructor(
    private readonly apiUrl: string,
    private readonly operator: QuittanceClient,
    private readonly items: readonly string[],
    private readonly tokens: string[],
  ) {}

  static async create(apiUrl: string, operatorToken: string): Promise<Actors> {
    const operator = new QuittanceClient({ baseUrl: apiUrl, token: operatorToken });
    const items: string[] = [];
    for (let author = 0; author < AUTHORS; author += 1) {
      const client = new QuittanceClient({
        baseUrl: apiUrl,
        token: await newAccount(operator, true),
      });
      const { action } = await client.openAction({
        type: 'ITEM_CREATE',
        args: { title: `Item ${author}` },
        payment: 'credits',
      });
      items.push(action.result['itemId'] ?? '');
    }
    return new Actors(apiUrl, operator, items, []);
  }

  /** Creates accounts for so many zaps; called before a measurement. `rich` accounts have credits. */
  prepare(zaps: number, rich = false): Promise<void> {
    return this.prepareAccounts(Math.ceil(zaps / ZAPS_PER_ACCOUNT), rich);
  }

  /** {@link prepare} for as many accounts. */
  async prepareAccounts(accounts: number, rich: boolean): Promise<void> {
    this.tokens.splice(0);
    this.#zaps = 0;
    await burst(accounts, async () => {
      this.tokens.push(await newAccount(this.operator, rich));
    });
  }

  async openZap(payment: 'invoice' | 'credits' = 'invoice'): Promise<Opened> {
    const number = this.#zaps;
    this.#zaps += 1;
    // In turns, so that the callers of a burst use different accounts.
    return this.openZapBetween(number, number, payment);
  }

  /** A zap by one of the prepared accounts of an item; each item has an author of its own. */
  async openZapBetween(
    payer: number,
    item: number,
    payment: 'invoice' | 'credits',
  ): Promise<Opened> {
    return readZap(await post(this.#actions(), this.#zap(payer, this.#itemAt(item), payment)));
  }

  /** Opens a zap without an account: it gets a hold invoice. */
  async openAnonymousZap(itemId = this.#itemAt(this.#zaps), sats = SATS): Promise<Opened> {
    const { body, headers } = this.#zap(0, itemId, 'invoice', sats);
    this.#zaps += 1;
    const anonymous = { ...headers, 'quittance-client-secret': randomUUID() };
    return readZap(await post(this.#actions(), { body, headers: withoutToken(anonymous) }));
  }

  async openOrder(): Promise<Opened> {
    const body = new URLSearchParams({ bid: '10000', message: `message ${randomUUID()}` });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const url = new URL('/order', this.apiUrl);
    const text = await post(url, { body: body.toString(), headers });
    const { uuid, lightning_invoice: invoiced } = placedOrder.parse(JSON.parse(text));
    return {
      id: uuid,
      workflowId: orderWorkflowId(uuid),
      hash: invoiced.rhash,
      amountMsat: invoiced.msatoshi,
      bolt11: invoiced.payreq,
    };
  }

  #actions(): URL {
    return new URL('/v1/actions', this.apiUrl);
  }

  #itemAt(item: number): string {
    return this.items[item % this.items.length] ?? '';
  }

  #zap(payer: number, itemId: string, payment: string, sats = SATS): Post {
    const token = this.tokens[payer % this.tokens.length] ?? '';
    const args = { itemId, sats };
    return {
      body: JSON.stringify({ type: 'ZAP', args, payment }),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'idempotency-key': randomUUID(),
      },
    };
  }
}

function readZap(text: string): Opened {
  const { id, attempts } = openedZap.parse(JSON.parse(text));
  const { hash = '', amountMsat = '0', bolt11 } = attempts[0].invoice ?? {};
  return { id, workflowId: actionWorkflowId(id, 1), hash, amountMsat, bolt11: bolt11 ?? '' };
}

function withoutToken(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}

/** Opens an account and returns its token. */
async function newAccount(operator: QuittanceClient, rich: boolean): Promise<string> {
  const name = `bench-${randomUUID().slice(0, 18)}`;
  const { token } = await operator.openAccount({ name });
  if (rich) await operator.grantCredits(name, { amountMsat: '1000000000', reason: 'bench' });
  return token ?? '';
}
