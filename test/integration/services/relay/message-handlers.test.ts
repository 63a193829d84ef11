import { randomUUID } from 'node:crypto';
import { afterEach, describe, it } from 'vitest';
import { confirmations } from '../../../../services/relay/consumer/confirmations.js';
import { invoiceUpdates } from '../../../../services/relay/consumer/invoice-updates.js';
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
    consumer = startConsumer(servers.nc, servers.database, invoiceUpdates);
    await publishMessage(servers.nc, servers.database.pool, update, {
      subject: `payments.invoice.${HASH}.settled`,
    });
    await untilResult('unknown');
  });

  it('are dead-lettered when they cannot be read; outgoing payments are not consumed', async () => {
    consumer = startConsumer(servers.nc, servers.database, invoiceUpdates);
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
      {},
      { subject: `payments.outgoing.${HASH}.succeeded` },
    );
    await publishMessage(servers.nc, servers.database.pool, update, {
      subject: `payments.invoice.${HASH}.settled`,
    });
    await untilResult('dead', 2);
    await untilResult('unknown');
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
