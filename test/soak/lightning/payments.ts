import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenedAction, QuittanceClient } from '@quittance/sdk';
import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import { inTransaction } from '../../../db/transaction.js';
import { toMsat } from '../../../domain/money.js';
import { grantSats } from '../../../engine/credits/grant-sats.js';
import { lndConnect } from '../../../services/cli/servers/lightning/lnd-connect.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import { payFrom } from '../../../services/cli/up/own-lnd.js';
import type { System } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';
import type { SeededRandom } from '../chaos/seeded-random.js';
import type { Books } from './books.js';

const CLIENTS = 12;
const SAVED_MSAT = toMsat(2_000_000_000n);
/** Worth a transaction on the chain each, where a channel is closed by force. */
const LEAST_SATS = 3_000;
const MOST_SATS = 6_000;
const FINAL = ['PAID', 'FAILED'];

type Kind = 'ordinary' | 'hold' | 'wrapped' | 'withdrawal' | 'canceled' | 'unpaid';

interface Actors {
  readonly rich: QuittanceClient;
  readonly saver: QuittanceClient;
  /** Their authors are paid in credits, and at a wallet that is carol's lnd. */
  readonly itemId: string;
  readonly payeeItemId: string;
}

/** Mixed payments: bob pays alice, who is ours; carol is paid by withdrawals and wrapped zaps. */
export class Payments {
  readonly #ends = new Map<string, number>();
  /** Opened, and not seen to end. */
  readonly #open: string[] = [];
  #begun = 0;

  private constructor(
    private readonly system: System,
    private readonly network: LightningNetwork,
    private readonly random: SeededRandom,
    private readonly actors: Actors,
  ) {}

  static async prepare(
    system: System,
    network: LightningNetwork,
    random: SeededRandom,
  ): Promise<Payments> {
    const author = await system.account('soak-author', '10000000');
    const payee = await system.account('soak-payee', '10000000');
    await payee.setWallet({
      kind: 'lnd',
      address: await lndConnect(network.carol),
      maxPending: null,
    });
    const saver = await system.account('soak-saver');
    const { id: accountId } = await saver.me();
    await inTransaction(system.pool, (tx) =>
      grantSats(tx, { accountId, amountMsat: SAVED_MSAT, key: 'soak' }),
    );
    const actors = {
      ...{ rich: await system.account('soak-rich', '1000000000'), saver },
      ...{ itemId: await postOf(author), payeeItemId: await postOf(payee) },
    };
    return new Payments(system, network, random, actors);
  }

  /** Until so many have begun, or the time is over. */
  async run(count: number, until: number): Promise<void> {
    const client = async (random: SeededRandom): Promise<void> => {
      while (this.#begun < count && Date.now() < until) {
        this.#begun += 1;
        const kind = random.weighted<Kind>([
          ...([
            [4, 'ordinary'],
            [4, 'hold'],
            [3, 'wrapped'],
            [3, 'withdrawal'],
          ] as const),
          ...([
            [1, 'canceled'],
            [1, 'unpaid'],
          ] as const),
        ]);
        await this.#one(kind, random).catch((error: unknown) => {
          this.#count(
            kind,
            `interrupted: ${error instanceof Error ? error.message.slice(0, 60) : ''}`,
          );
        });
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, () => client(this.random.fork())));
  }

  get begun(): number {
    return this.#begun;
  }

  /** Each that was opened has one end, but those that lnd has lost. */
  async finish(books: Pick<Books, 'lost'>, timeoutMs: number): Promise<void> {
    let open: unknown;
    await waitUntil(
      'every payment to end',
      async () => {
        const { rows } = await this.system.pool.query<{ hash: string | null; state: string }>(
          `select a.action_id, a.flow, a.state, a.changed_at, p.hash from attempts a
           left join payments p on p.action_id = a.action_id and p.attempt = a.attempt and p.state = 'open'
           where a.action_id = any($1::uuid[]) and a.state not in ('PAID', 'FAILED')`,
          [this.#open],
        );
        open = rows;
        const lost = await books.lost();
        return rows.every(({ hash }) => hash !== null && lost.includes(hash));
      },
      timeoutMs,
    ).catch((error: unknown) => {
      throw new Error(`still open: ${JSON.stringify(open)}`, { cause: error });
    });
  }

  lines(): string[] {
    const ends = [...this.#ends].sort().map(([end, count]) => `  ${end}: ${count}`);
    return [`${this.#begun} payments begun, ${this.#open.length} opened`, ...ends];
  }

  async #one(kind: Kind, random: SeededRandom): Promise<void> {
    if (kind === 'withdrawal') return this.#withdraw(random);
    const { rich, itemId, payeeItemId } = this.actors;
    const client = kind === 'ordinary' ? rich : this.system.client();
    const args = {
      itemId: kind === 'wrapped' ? payeeItemId : itemId,
      sats: random.between(LEAST_SATS, MOST_SATS),
    };
    const { action, capability } = await client.openAction({
      type: 'ZAP',
      args,
      payment: 'invoice',
    });
    this.#open.push(action.id);
    const call = capability === undefined ? {} : { capability };
    const opened = await client.waitForAction(action.id, {
      ...{ ...call, signal: AbortSignal.timeout(20_000) },
      until: ({ state }) => state !== 'INVOICING' && state !== 'WRAPPING',
    });
    const bolt11 = opened.attempts.at(-1)?.invoice?.bolt11;
    if (typeof bolt11 === 'string' && kind !== 'unpaid') {
      const cancelling =
        kind === 'canceled'
          ? pause(random.between(0, 300)).then(() => client.cancelAction(action.id, call))
          : Promise.resolve();
      await Promise.allSettled([this.#pay(bolt11), cancelling]);
    }
    if (kind !== 'unpaid') await this.#end(kind, client, { action, ...call });
  }

  async #withdraw(random: SeededRandom): Promise<void> {
    const { saver } = this.actors;
    const { payment_request: bolt11 } = await this.network.carol.channel.call(METHODS.addInvoice, {
      ...{
        value_msat: String(random.between(LEAST_SATS * 1000, MOST_SATS * 1000)),
        expiry: '60',
        memo: 'soak',
      },
    });
    const action = await saver.withdraw({ bolt11 }, { idempotencyKey: randomUUID() });
    this.#open.push(action.id);
    await this.#end('withdrawal', saver, { action });
  }

  async #end(
    kind: Kind,
    client: QuittanceClient,
    { action, capability }: Pick<OpenedAction, 'action' | 'capability'>,
  ): Promise<void> {
    const call = capability === undefined ? {} : { capability };
    const { state } = await client.waitForAction(action.id, {
      ...{ ...call, signal: AbortSignal.timeout(45_000) },
      until: ({ state: now }) => FINAL.includes(now),
    });
    this.#count(kind, state);
  }

  #pay(bolt11: string): Promise<void> {
    return payFrom(this.network.bob.channel, bolt11);
  }

  #count(kind: Kind, end: string): void {
    const key = `${kind} ${end}`;
    this.#ends.set(key, (this.#ends.get(key) ?? 0) + 1);
  }
}

async function postOf(author: QuittanceClient): Promise<string> {
  const { action } = await author.openAction({
    ...{ type: 'ITEM_CREATE', args: { title: `A post ${randomUUID()}` }, payment: 'credits' },
  });
  return action.result['itemId'] ?? '';
}
