import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { confirmations } from '../../../../services/relay/consumer/confirmations.js';
import { cancellations, payments } from '../../../../services/relay/consumer/payments.js';
import { waitUntil } from '../../../support/wait-until.js';
import { publishMessage, startConsumer, type TestConsumer } from './consumer-fixture.helper.js';
import { useServers } from './fixture.helper.js';

const HASH = 'ab'.repeat(32);

const servers = useServers();
let consumer: TestConsumer | undefined;

afterEach(async () => {
  await consumer?.stop();
  consumer = undefined;
});

function untilResult(result: string, count = 1): Promise<boolean> {
  return waitUntil(`${count} ${result}`, async () => (await consumer?.results(result)) === count);
}

describe('invoice updates', () => {
  const update = {
    hash: HASH,
    at: new Date().toISOString(),
    node: 'a node',
    cursor: '7',
    state: 'settled',
    receivedMsat: '1000',
  };

  it('are acknowledged as unknown when the invoice is not ours', async () => {
    consumer = startConsumer(servers.nc, servers.database, payments);
    await publishMessage(servers.nc, servers.database.pool, update, {
      subject: `payments.invoice.${HASH}.settled`,
    });
    await untilResult('unknown');
  });

  it('are taken by one of two consumers: cancellations by a consumer of their own', async () => {
    const other = startConsumer(servers.nc, servers.database, cancellations);
    consumer = startConsumer(servers.nc, servers.database, payments);
    for (const state of ['held', 'settled', 'canceled']) {
      await publishMessage(
        servers.nc,
        servers.database.pool,
        { ...update, state },
        { subject: `payments.invoice.${HASH}.${state}` },
      );
    }
    await untilResult('unknown', 2);
    await waitUntil(
      'the cancellation is taken',
      async () => (await other.results('unknown')) === 1,
    );
    await other.stop();
    const manager = await servers.nc.jetstreamManager();
    for (const { durable } of [payments, cancellations]) {
      const info = await manager.consumers.info('PAYMENTS', durable);
      expect([durable, info.num_pending, info.num_ack_pending]).toEqual([durable, 0, 0]);
    }
  });

  it('take the place of the consumer of an earlier release, which is deleted', async () => {
    const manager = await servers.nc.jetstreamManager();
    await manager.consumers.add('PAYMENTS', { durable_name: 'invoice-facts' });
    consumer = startConsumer(servers.nc, servers.database, payments);
    await waitUntil('it is deleted', async () => {
      const found = await manager.consumers.list('PAYMENTS').next();
      return found.map(({ name }) => name).join() === 'payments';
    });
  });

  it('are dead-lettered when they cannot be read; outgoing payments are unknown', async () => {
    consumer = startConsumer(servers.nc, servers.database, payments);
    await publishMessage(
      servers.nc,
      servers.database.pool,
      { ...update, receivedMsat: 1000 },
      { subject: `payments.invoice.${HASH}.settled` },
    );
    await publishMessage(
      servers.nc,
      servers.database.pool,
      { ...update, state: 'lost' },
      { subject: `payments.invoice.${HASH}.held` },
    );
    await publishMessage(
      servers.nc,
      servers.database.pool,
      { ...update, state: 'succeeded', feeMsat: '1' },
      { subject: `payments.outgoing.${HASH}.succeeded` },
    );
    await publishMessage(servers.nc, servers.database.pool, update, {
      subject: `payments.invoice.${HASH}.settled`,
    });
    await untilResult('dead', 2);
    await untilResult('unknown', 2);
  });
});

describe('confirmations', () => {
  const confirmation = { uuid: randomUUID(), txSeqNum: 7, region: 3, at: new Date().toISOString() };

  it('are acknowledged, and dead-lettered when body and subject differ', async () => {
    consumer = startConsumer(servers.nc, servers.database, confirmations);
    await publishMessage(servers.nc, servers.database.pool, confirmation, {
      subject: 'confirmations.tx.3',
    });
    await publishMessage(servers.nc, servers.database.pool, confirmation, {
      subject: 'confirmations.rx.4',
    });
    await untilResult('unknown');
    await untilResult('dead');
  });
});
