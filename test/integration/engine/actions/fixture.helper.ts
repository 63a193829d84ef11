import type { Pool } from 'pg';
import { advanceAttempt } from '../../../../engine/actions/advance.js';
import { createPaidActionActivities } from '../../../../activities/paid-action.js';
import type {
  ActionRef,
  ActionView,
  OpenAction,
  Opened,
} from '../../../../engine/actions/contract.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { openAction } from '../../../../engine/actions/open.js';
import { viewOwn } from '../../../../engine/actions/read-action.js';
import { createAccount } from '../../../../engine/accounts/accounts.js';
import { grantCredits } from '../../../../engine/credits/grant.js';
import { type ApplyOutcome, type EngineContext, transact } from '../../../../engine/context.js';
import { applyInvoiceUpdate } from '../../../../engine/incoming/apply-invoice-update.js';
import type { InvoiceUpdate } from '../../../../engine/invoices/record-update.js';
import { payableId } from '../../../../engine/ledger/legs.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import type { NodeCallKind } from '../../../../domain/invoices/node-calls.js';
import { createPool } from '../../../../db/pool.js';
import type { Step } from '../../../../domain/workflow-step.js';
import { toMsat } from '../../../../domain/money.js';
import { SimulatedNode } from '../../../../simulators/lightning/simulated-node.js';
import { SimulatedWallets } from '../../../../simulators/lightning/simulated-wallets.js';
import { DEFAULT_SETTINGS } from '../../../../simulators/lightning/settings.js';
import { ENGINE_SETTINGS } from '../../../support/engine-settings.js';
import { migratedDatabase, type OwnDatabase } from '../../../support/empty-database.js';
import { FaultyNode } from './faulty-node.helper.js';

export const ANONYMOUS: Caller = { kind: 'anonymous' };

interface Connections {
  readonly connections?: number;
}

/** The actions' functions on a database of their own and a simulated node, without Temporal and NATS. */
export class ActionFixture {
  #cursor = 0n;

  private constructor(
    readonly engine: EngineContext,
    readonly node: FaultyNode,
    readonly wallets: SimulatedWallets,
    readonly databaseUrl: string,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async create(
    overrides: Partial<EngineContext> = {},
    connections: Connections = {},
  ): Promise<ActionFixture> {
    const database = await migratedDatabase();
    return ActionFixture.on(database, overrides, connections);
  }

  /** On a migrated database, which is dropped with the fixture. */
  static async on(
    database: OwnDatabase,
    overrides: Partial<EngineContext> = {},
    { connections = 24 }: Connections = {},
  ): Promise<ActionFixture> {
    const pool = createPool({
      connectionString: database.url,
      max: connections,
      applicationName: 'quittance-test',
      onError: () => undefined,
    });
    const real = await SimulatedNode.open(pool, DEFAULT_SETTINGS);
    const node = new FaultyNode(real);
    const engine: EngineContext = { pool, node, ...ENGINE_SETTINGS, ...overrides };
    const wallets = new SimulatedWallets(real.state, DEFAULT_SETTINGS);
    await wallets.open({ name: 'payer', balanceMsat: toMsat(100_000_000_000n) });
    return new ActionFixture(engine, node, wallets, database.url, async () => {
      await pool.end();
      await database.drop();
    });
  }

  get pool(): Pool {
    return this.engine.pool;
  }

  close(): Promise<void> {
    return this.dropDatabase();
  }

  async account(name: string, creditsMsat = 0n): Promise<Caller & { kind: 'account' }> {
    return transact(this.engine, async (tx) => {
      const account = await createAccount(tx, { name, role: 'user' });
      if (creditsMsat > 0n) {
        await grantCredits(tx, {
          accountId: account.id,
          amountMsat: toMsat(creditsMsat),
          key: name,
        });
      }
      return { kind: 'account', ...account };
    });
  }

  open(caller: Caller, request: Partial<OpenAction> = {}): Promise<Opened> {
    return openAction(this.engine, { ...POST, ...request, caller });
  }

  /** A post that everybody can see; its id. */
  async paidPost(author: Caller): Promise<string> {
    const { view } = await this.open(author, { payment: 'invoice' });
    await this.pay(view);
    await this.deliver();
    await this.drive(view.id);
    const { itemId } = (await viewOwn(this.pool, view.id)).result;
    if (itemId === undefined) throw new Error('the post has no item');
    return itemId;
  }

  /** Pays the newest attempt's invoice from the payer's wallet. */
  async pay(view: ActionView, amountMsat?: bigint): Promise<void> {
    const bolt11 = view.attempts.at(-1)?.invoice?.bolt11;
    if (bolt11 === undefined || bolt11 === null) throw new Error('there is no invoice to pay');
    await this.wallets.pay({
      wallet: 'payer',
      bolt11,
      ...(amountMsat === undefined ? {} : { amountMsat: toMsat(amountMsat) }),
    });
  }

  report(update: InvoiceUpdate): Promise<ApplyOutcome> {
    return transact(this.engine, (tx) => applyInvoiceUpdate(this.engine, tx, update));
  }

  /** Applies what the node has seen since the last time. */
  async deliver(): Promise<void> {
    for (const event of await this.node.eventsAfter(this.#cursor, 1000)) {
      this.#cursor = event.cursor;
      if (event.type === 'invoice') {
        await this.report({
          hash: event.hash,
          state: event.state,
          receivedMsat: event.receivedMsat,
        });
      }
    }
  }

  /** What the node has seen since the last time is never delivered. */
  async lose(): Promise<void> {
    const events = await this.node.eventsAfter(this.#cursor, 1000);
    this.#cursor = events.at(-1)?.cursor ?? this.#cursor;
  }

  /** What relay and workflow would do until both have to wait: the calls to the node that are due, and the steps. */
  async drive(actionId: string, attempt?: number): Promise<Step> {
    const ref = await this.ref(actionId, attempt);
    const activities = createPaidActionActivities(this.engine, {
      apiUrl: 'http://127.0.0.1:8420',
      trustsStarts: true,
    });
    for (let rounds = 0; rounds < 10; rounds += 1) {
      const called = await this.makeCalls(ref);
      const step = await activities.advanceAction(ref);
      if (step.call !== null) await activities[step.call](ref);
      else if (!called) return step;
    }
    throw new Error('the steps do not end');
  }

  /** The calls to the node that wait in the outbox, as a relay makes them. Whether there were any. */
  async makeCalls(ref: ActionRef): Promise<boolean> {
    const { rows } = await this.pool.query<{ id: bigint; kind: NodeCallKind; hash: string }>(
      `select o.id, o.kind, o.subject as hash from outbox o
       where o.destination = 'node' and o.published_at is null and o.subject in (
         select $1 union select hash from payment_hashes where payable = $1)
       order by o.priority, o.id`,
      [payableId(ref)],
    );
    for (const { id, kind, hash } of rows) {
      await makeCall(this.engine, kind, hash);
      await this.pool.query('update outbox set published_at = clock_timestamp() where id = $1', [
        id,
      ]);
    }
    return rows.length > 0;
  }

  async ref(actionId: string, attempt?: number): Promise<ActionRef> {
    if (attempt !== undefined) return { actionId, attempt };
    return { actionId, attempt: (await viewOwn(this.pool, actionId)).attempts.length };
  }

  advance(ref: ActionRef): Promise<Step | undefined> {
    return advanceAttempt(this.engine, ref);
  }

  async view(actionId: string): Promise<ActionView> {
    return viewOwn(this.pool, actionId);
  }

  /** The newest attempt's deadline has passed, and calls have waited too long, as if time had. */
  async passDeadline(actionId: string): Promise<void> {
    await this.pool.query(
      `with expired as (
         update invoices set expires_at = clock_timestamp() - interval '2 s' where action_id = $1 and expires_at is not null)
       update attempts set due_at = clock_timestamp() - interval '1 ms',
         deadline_at = case when deadline_at is not null then clock_timestamp() - interval '1 ms' end
       where action_id = $1 and due_at is not null`,
      [actionId],
    );
  }

  async balance(
    caller: Caller & { kind: 'account' },
    asset: 'CREDITS' | 'SATS' = 'CREDITS',
  ): Promise<bigint> {
    const { rows } = await this.pool.query<{ balance_msat: bigint }>(
      'select balance_msat from ledger_accounts where owner = $1 and asset = $2',
      [caller.id, asset],
    );
    return rows[0]?.balance_msat ?? -1n;
  }

  async count(sql: string, values: unknown[] = []): Promise<number> {
    const { rows } = await this.pool.query<{ n: bigint }>(
      `select count(*) as n from ${sql}`,
      values,
    );
    return Number(rows[0]?.n);
  }
}

export const POST: Omit<OpenAction, 'caller'> = {
  type: 'ITEM_CREATE',
  args: { title: 'A title of a post', text: 'And its text' },
  payment: 'auto',
};

export function zapOf(itemId: string, sats = 100): Pick<OpenAction, 'type' | 'args'> {
  return { type: 'ZAP', args: { itemId, sats } };
}
