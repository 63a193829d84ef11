import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { confirmations } from '../../../../services/relay/consumer/confirmations.js';
import { cancellations, payments } from '../../../../services/relay/consumer/payments.js';
import { readDeadLetters, type DeadLetter } from '../../../../services/shared/dead-letters/read.js';
import { replayDeadLetter } from '../../../../services/shared/dead-letters/replay.js';
import type { Signer } from '../../../../services/shared/signatures/signature.js';
import { publicKeysOf, testKeys } from '../../../support/signers.js';
import { waitUntil } from '../../../support/wait-until.js';
import { ActionFixture } from '../../engine/actions/fixture.helper.js';
import { publishMessage, startConsumer, type TestConsumer } from './consumer-fixture.helper.js';
import { freshStreams, natsForTest } from './fixture.helper.js';

const ours = testKeys(1);
const next = testKeys(2);
const attacker = testKeys(1);

let fixture: ActionFixture;
let nc: Awaited<ReturnType<typeof natsForTest>>;
let databaseUrl: string;
const consumers: TestConsumer[] = [];

beforeAll(async () => {
  fixture = await ActionFixture.create();
  databaseUrl = fixture.databaseUrl;
  nc = await natsForTest();
});
beforeEach(() => freshStreams(nc));
afterEach(stopAll);
afterAll(async () => {
  await nc.close();
  await fixture.close();
});

async function stopAll(): Promise<void> {
  for (const consumer of consumers.splice(0)) await consumer.stop();
}

function start(
  handler: typeof payments | typeof cancellations | typeof confirmations,
  keys = [ours],
) {
  const from = { url: databaseUrl };
  const publicKeys = publicKeysOf(...keys);
  // Each handler has a target of its own type.
  const consumer =
    handler === confirmations
      ? startConsumer(nc, from, confirmations, publicKeys)
      : handler === cancellations
        ? startConsumer(nc, from, cancellations, publicKeys)
        : startConsumer(nc, from, payments, publicKeys);
  consumers.push(consumer);
  return (result: string, count = 1): Promise<boolean> =>
    waitUntil(`${count} ${result}`, async () => (await consumer.results(result)) === count);
}

let accounts = 0;

/** An attempt that waits for its payment. */
async function pending(): Promise<{ view: ActionView; hash: string }> {
  accounts += 1;
  const { view } = await fixture.open(await fixture.account(`signed-${accounts}`));
  const hash = view.attempts[0]?.invoice?.hash;
  if (hash === undefined) throw new Error('it has no invoice');
  return { view, hash };
}

interface Sent {
  readonly state?: 'held' | 'settled' | 'canceled';
  readonly signer?: Signer;
  readonly messageId?: string;
}

async function publishUpdate(hash: string, { state = 'settled', ...sent }: Sent): Promise<void> {
  const body = {
    ...{ hash, at: new Date().toISOString(), node: 'a node', cursor: '7', state },
    receivedMsat: state === 'canceled' ? '0' : '1000000',
  };
  await publishMessage(nc, fixture.pool, body, {
    subject: `payments.invoice.${hash}.${state}`,
    ...sent,
  });
}

const stateOf = async ({ id }: ActionView): Promise<string> => (await fixture.view(id)).state;

const asked = (hash: string): Promise<number> =>
  fixture.count(
    `outbox where destination = 'node' and kind = 'look_up_invoice' and subject = $1 and published_at is null`,
    [hash],
  );

describe('messages on PAYMENTS', () => {
  it('are believed when the process that saw them has signed them', async () => {
    const { view, hash } = await pending();
    const until = start(payments);
    await publishUpdate(hash, { signer: ours.signer });
    await until('applied');
    expect(await stateOf(view)).toBe('PAID');
  });

  it.each<[string, Sent]>([
    ['not signed', {}],
    ['signed by somebody else', { signer: attacker.signer }],
  ])(
    'are not believed when they are %s: the node is asked, and what it says counts',
    async (_, sent) => {
      const { view, hash } = await pending();
      const until = start(payments);
      await publishUpdate(hash, sent);
      await until('unverified');
      expect(await stateOf(view)).toBe('PENDING');
      expect(await asked(hash)).toBe(1);
      // Nobody has paid: the invoice stays open.
      await fixture.makeCalls({ actionId: view.id, attempt: 1 });
      expect(await stateOf(view)).toBe('PENDING');
      expect((await fixture.node.lookupInvoice(hash))?.state).toBe('open');
      // Somebody has, and the message of that was lost.
      await fixture.pay(view);
      await publishUpdate(hash, sent);
      await until('unverified', 2);
      await fixture.makeCalls({ actionId: view.id, attempt: 1 });
      expect(await stateOf(view)).toBe('PAID');
    },
  );

  it('that say an invoice is canceled close nothing', async () => {
    const { view, hash } = await pending();
    const until = start(cancellations);
    await publishUpdate(hash, { state: 'canceled', signer: attacker.signer });
    await until('unverified');
    await fixture.makeCalls({ actionId: view.id, attempt: 1 });
    expect(await stateOf(view)).toBe('PENDING');
    expect((await fixture.node.lookupInvoice(hash))?.state).toBe('open');
  });

  it('are done once when a signed one is published again', async () => {
    const { hash } = await pending();
    const first = start(payments);
    const sent = { signer: ours.signer, messageId: randomUUID() };
    await publishUpdate(hash, sent);
    await first('applied');
    // As if JetStream's own window had passed.
    await stopAll();
    await freshStreams(nc);
    const again = start(payments);
    await publishUpdate(hash, sent);
    await again('duplicate');
  });

  it('wait for a relay that knows the key; both keys are accepted meanwhile', async () => {
    const { view: later, hash } = await pending();
    const { view: before, hash: hashBefore } = await pending();
    const old = start(payments, [ours]);
    await publishUpdate(hash, { signer: next.signer });
    await old('unknown_key');
    expect(await stateOf(later)).toBe('PENDING');
    await stopAll();
    const both = start(payments, [ours, next]);
    await publishUpdate(hashBefore, { signer: ours.signer });
    await both('applied', 2);
    expect([await stateOf(later), await stateOf(before)]).toEqual(['PAID', 'PAID']);
  });

  it('about nothing of ours ask nobody', async () => {
    const until = start(payments);
    const hash = 'cd'.repeat(32);
    await publishUpdate(hash, {});
    nc.publish('payments.invoice.odd.settled', 'no JSON, no headers');
    nc.publish(`payments.outgoing.${hash}.succeeded`, '{}');
    await until('unverified', 3);
    expect(await asked(hash)).toBe(0);
  });
});

describe('messages on CONFIRMATIONS', () => {
  const body = { uuid: randomUUID(), txSeqNum: 1, region: 0, at: new Date().toISOString() };
  const subject = 'confirmations.tx.0';

  async function letters(): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    const manager = await nc.jetstreamManager();
    for await (const one of readDeadLetters(nc.jetstream(), manager)) found.push(one);
    return found;
  }

  it('are dead-lettered when the signature is missing or wrong', async () => {
    const until = start(confirmations);
    await publishMessage(nc, fixture.pool, body, { subject });
    await publishMessage(nc, fixture.pool, body, { subject, signer: attacker.signer });
    await until('unverified', 2);
    expect((await letters()).map(({ reason }) => reason).sort()).toEqual([
      'it is not signed',
      'its signature is wrong',
    ]);
    await publishMessage(nc, fixture.pool, body, { subject, signer: ours.signer });
    await until('unknown');
  });

  it('keep their signature in the dead letters, so that a replay is believed once the key is known', async () => {
    const refusing = start(confirmations, [attacker]);
    await publishMessage(nc, fixture.pool, body, { subject, signer: ours.signer });
    await refusing('unverified');
    await stopAll();
    const [letter] = await letters();
    if (letter === undefined) throw new Error('there is no letter');
    expect(letter.epoch).toBe(String(await readEpoch(fixture.pool)));
    const knowing = start(confirmations, [ours]);
    await replayDeadLetter(nc.jetstream(), await nc.jetstreamManager(), letter);
    await knowing('unknown');
  });
});
