import { randomBytes, randomUUID } from 'node:crypto';
import { headers, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEpoch } from '../../db/installation.js';
import { toMsat } from '../../domain/money.js';
import { EPOCH_HEADER } from '../../domain/names/subjects.js';
import { ALL_REGIONS } from '../../domain/transmissions/regions.js';
import type { Caller } from '../../engine/accounts/caller.js';
import type { ActionView } from '../../engine/actions/contract.js';
import { placeOrder } from '../../engine/transmissions/open-order.js';
import { confirmations } from '../../services/relay/consumer/confirmations.js';
import { cancellations, payments } from '../../services/relay/consumer/payments.js';
import { FIRST_ID_HEADER, MESSAGE_ID_HEADER } from '../../services/shared/messages/raw-message.js';
import { NATS_USERS } from '../../services/shared/nats-access/permissions.js';
import { passwordVariable } from '../../services/shared/nats-access/server-config.js';
import { connectNats } from '../../services/shared/nats.js';
import { signatureHeaders } from '../../services/shared/signatures/signature.js';
import { ensureStreams } from '../../services/shared/streams.js';
import { brokenRules } from '../support/books.js';
import { type OwnNats, startOwnNats } from '../support/nats-server.js';
import { publicKeysOf, testKeys } from '../support/signers.js';
import { waitUntil } from '../support/wait-until.js';
import { WorkflowFixture } from '../workflow/workflow-fixture.helper.js';
import { ActionFixture, POST } from './engine/actions/fixture.helper.js';
import {
  publishMessage,
  startConsumer,
  type TestConsumer,
} from './services/relay/consumer-fixture.helper.js';

/**
 * An attacker inside, on what production requires: permissions at NATS, signed messages, start tokens. The attacker has Temporal, the
 * NATS passwords of lightning and of a station, and no key.
 */

const lightning = testKeys();
const station = testKeys();
const stolen = testKeys();

let fixture: ActionFixture;
let nats: OwnNats;
let workflows: WorkflowFixture;
let alice: Caller & { kind: 'account' };
const connections: NatsConnection[] = [];
let consumers: Record<'payments' | 'cancellations' | 'confirmations', TestConsumer>;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  alice = await fixture.account('alice', 10_000_000n);
  const passwords = NATS_USERS.map((user) => [passwordVariable(user), `pw-${user.name}`] as const);
  nats = await startOwnNats('include ./users.conf', Object.fromEntries(passwords));
  const relay = await as('relay');
  await ensureStreams(relay);
  const from = { url: fixture.databaseUrl };
  consumers = {
    payments: startConsumer(relay, from, payments, publicKeysOf(lightning)),
    cancellations: startConsumer(relay, from, cancellations, publicKeysOf(lightning)),
    confirmations: startConsumer(relay, from, confirmations, publicKeysOf(station)),
  };
  workflows = await WorkflowFixture.create(fixture, { trustsStarts: false });
});
afterAll(async () => {
  await workflows.close();
  for (const consumer of Object.values(consumers)) await consumer.stop();
  for (const nc of connections) await nc.close();
  await nats.stop();
  await fixture.close();
});

async function as(name: string): Promise<NatsConnection> {
  const config = {
    ...{ natsUrl: `nats://127.0.0.1:${nats.port}`, natsUser: name },
    natsPassword: `pw-${name}`,
  };
  const nc = await connectNats(config, pino({ level: 'silent' }), name, { waitForServer: false });
  connections.push(nc);
  return nc;
}

const until = (who: keyof typeof consumers, result: string, count: number): Promise<boolean> =>
  waitUntil(`${count} ${result}`, async () => (await consumers[who].results(result)) === count);

const stateOf = async ({ id }: ActionView): Promise<string> => (await fixture.view(id)).state;

async function pending(): Promise<{ view: ActionView; hash: string; subject: string }> {
  const { view } = await fixture.open(alice, { payment: 'invoice' });
  const hash = view.attempts[0]?.invoice?.hash ?? '';
  return { view, hash, subject: `payments.invoice.${hash}.settled` };
}

const settled = (hash: string) => ({
  ...{ hash, at: new Date().toISOString(), node: 'a node', cursor: '7' },
  ...{ state: 'settled', receivedMsat: '1000000' },
});

describe('an attacker inside', () => {
  it('with a station’s password reports no payment', async () => {
    const { view, hash, subject } = await pending();
    const nc = await as('ground-station');
    await expect(
      publishMessage(nc, fixture.pool, settled(hash), { subject, signer: stolen.signer }),
    ).rejects.toThrow();
    expect(await stateOf(view)).toBe('PENDING');
  });

  it('with lightning’s password, but no key, is not believed: the node says what is true', async () => {
    const { view, hash, subject } = await pending();
    const nc = await as('lightning');
    await publishMessage(nc, fixture.pool, settled(hash), { subject });
    await publishMessage(nc, fixture.pool, settled(hash), { subject, signer: stolen.signer });
    // A station's key is none for payments.
    await publishMessage(nc, fixture.pool, settled(hash), { subject, signer: station.signer });
    await until('payments', 'unverified', 3);
    const canceled = { ...settled(hash), state: 'canceled', receivedMsat: '0' };
    await publishMessage(nc, fixture.pool, canceled, {
      ...{ subject: subject.replace('settled', 'canceled'), signer: stolen.signer },
    });
    await until('cancellations', 'unverified', 1);
    await fixture.makeCalls({ actionId: view.id, attempt: 1 });
    expect(await stateOf(view)).toBe('PENDING');
    expect((await fixture.node.lookupInvoice(hash))?.state).toBe('open');
  });

  it('gains nothing by messages that were recorded', async () => {
    const { view, hash, subject } = await pending();
    const other = await pending();
    const nc = await as('lightning');
    const epoch = await readEpoch(fixture.pool);
    const recorded = { subject, signer: lightning.signer, messageId: 'recorded/1' };
    await fixture.pay(view);
    await publishMessage(nc, fixture.pool, settled(hash), recorded);
    await until('payments', 'applied', 1);
    const body = Buffer.from(JSON.stringify(settled(hash)));
    const message = { subject, messageId: 'recorded/1', epoch: String(epoch), body };
    const publish = (to: string, id: string): Promise<unknown> => {
      const found = headers();
      found.set(MESSAGE_ID_HEADER, id);
      found.set(FIRST_ID_HEADER, message.messageId);
      found.set(EPOCH_HEADER, message.epoch);
      for (const [name, value] of Object.entries(signatureHeaders(lightning.signer, message))) {
        found.set(name, value);
      }
      return nc.jetstream().publish(to, body, { headers: found });
    };
    // Under an id that JetStream does not know.
    await publish(subject, 'recorded/2');
    await until('payments', 'duplicate', 1);
    // Its signature, for another invoice.
    await publish(other.subject, 'recorded/3');
    await until('payments', 'unverified', 4);
    // From before a reset of the data.
    await publishMessage(nc, fixture.pool, settled(hash), {
      ...{ ...recorded, epoch: epoch - 1n, messageId: 'recorded/4' },
    });
    await until('payments', 'other_epoch', 1);
    expect(await stateOf(view)).toBe('PAID');
    expect(await stateOf(other.view)).toBe('PENDING');
  });

  it('confirms no transmission', async () => {
    const uuid = await transmitting();
    const nc = await as('ground-station');
    const body = { uuid, txSeqNum: 1, region: 0, at: new Date().toISOString() };
    const subject = 'confirmations.tx.0';
    await publishMessage(nc, fixture.pool, body, { subject });
    await publishMessage(nc, fixture.pool, body, { subject, signer: lightning.signer });
    await until('confirmations', 'unverified', 2);
    expect(await fixture.count('confirmations')).toBe(0);
    await publishMessage(nc, fixture.pool, body, { subject, signer: station.signer });
    await until('confirmations', 'applied', 1);
  });

  it('opens nothing for others by starting workflows', async () => {
    const before = await fixture.balance(alice);
    const actionId = randomUUID();
    const handle = await workflows.startWith('paidAction', `action/${actionId}/1`, [
      { actionId, attempt: 1, open: { type: POST.type, args: POST.args, actor: 'alice' } },
    ]);
    await expect(handle.result()).rejects.toThrow();
    expect(await fixture.count('actions where id = $1', [actionId])).toBe(0);
    expect(await fixture.balance(alice)).toBe(before);
  });

  it('leaves the books right', async () => {
    expect(await brokenRules(fixture.pool)).toEqual([]);
  });
});

/** A paid order, whose first message is being sent; its id. */
async function transmitting(): Promise<string> {
  const placed = await placeOrder(fixture.engine, {
    ...{ channel: 1, message: randomBytes(10), bidMsat: toMsat(1_000_000n), regions: ALL_REGIONS },
  });
  if ('failed' in placed) throw new Error('the order has no invoice');
  await fixture.wallets.pay({ wallet: 'payer', bolt11: placed.invoice.bolt11 });
  await fixture.deliver();
  return placed.order.id;
}
