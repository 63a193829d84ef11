import { randomUUID } from 'node:crypto';
import { afterEach, describe, it } from 'vitest';
import { stationConfirmations } from '../../../../services/relay/consumer/confirmations.js';
import { invoiceUpdates } from '../../../../services/relay/consumer/payments.js';
import { waitUntil } from '../../../support/wait-until.js';
import { startConsumer, tell, type TestConsumer } from './consumer-fixture.helper.js';
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

describe('what nodes say of invoices', () => {
  const fact = {
    hash: HASH,
    at: new Date().toISOString(),
    node: 'a node',
    cursor: '7',
    state: 'settled',
    receivedMsat: '1000',
  };

  it('is taken note of, when it is about somebody else’s too', async () => {
    consumer = startConsumer(servers.nc, servers.database, () => invoiceUpdates);
    await tell(servers.nc, servers.database.pool, fact, {
      subject: `payments.invoice.${HASH}.settled`,
    });
    await untilResult('unknown');
  });

  it('is dead when it says nothing of the kind; outgoing payments are not looked at', async () => {
    consumer = startConsumer(servers.nc, servers.database, () => invoiceUpdates);
    await tell(
      servers.nc,
      servers.database.pool,
      { ...fact, receivedMsat: 1000 },
      { subject: `payments.invoice.${HASH}.settled` },
    );
    await tell(
      servers.nc,
      servers.database.pool,
      { ...fact, state: 'lost' },
      { subject: `payments.invoice.${HASH}.held` },
    );
    await tell(
      servers.nc,
      servers.database.pool,
      {},
      { subject: `payments.outgoing.${HASH}.succeeded` },
    );
    await tell(servers.nc, servers.database.pool, fact, {
      subject: `payments.invoice.${HASH}.settled`,
    });
    await untilResult('dead', 2);
    await untilResult('unknown');
  });
});

describe('what stations say', () => {
  const said = { uuid: randomUUID(), txSeqNum: 7, region: 3, at: new Date().toISOString() };

  it('is taken note of, and dead where body and subject differ', async () => {
    consumer = startConsumer(servers.nc, servers.database, () => stationConfirmations);
    await tell(servers.nc, servers.database.pool, said, { subject: 'confirmations.tx.3' });
    await tell(servers.nc, servers.database.pool, said, { subject: 'confirmations.rx.4' });
    await untilResult('unknown');
    await untilResult('dead');
  });
});
