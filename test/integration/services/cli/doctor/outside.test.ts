import { randomBytes } from 'node:crypto';
import { headers, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { acknowledge } from '../../../../../services/cli/doctor/checks/dead-letters.js';
import type { Finding } from '../../../../../services/cli/doctor/check.js';
import { isFailure, runDoctor } from '../../../../../services/cli/doctor/doctor.js';
import { readDeadLetters } from '../../../../../services/shared/dead-letters/read.js';
import { DEAD_LETTER_HEADERS } from '../../../../../services/shared/dead-letters/headers.js';
import { SimulatorControl } from '../../../../../adapters/lightning/simulator-client/simulator-control.js';
import { connectNats } from '../../../../../services/shared/nats.js';
import { publish } from '../../../../../services/shared/publish.js';
import { ensureStreams } from '../../../../../services/shared/streams.js';
import { turnMaintenanceOff, turnMaintenanceOn } from '../../../../../engine/maintenance-mode.js';
import { raiseEpoch, readEpoch } from '../../../../../db/installation.js';
import { toMsat } from '../../../../../domain/money.js';
import { type ApiForTests, startApi } from '../../../../support/api.js';

let api: ApiForTests;
let nc: NatsConnection;

const natsUrl = process.env['NATS_URL'] ?? '';
const connect = (url = natsUrl): Promise<NatsConnection> =>
  connectNats({ natsUrl: url }, pino({ level: 'silent' }), 'test', { waitForServer: false });

beforeAll(async () => {
  api = await startApi();
  nc = await connect();
  await ensureStreams(nc);
  await (await nc.jetstreamManager()).streams.purge('DEADLETTERS');
});
afterAll(async () => {
  await (await nc.jetstreamManager()).streams.purge('DEADLETTERS');
  await nc.close();
  await api.close();
});

interface Given {
  readonly node?: SimulatorControl;
  readonly natsUrl?: string;
}

function runAll(given: Given = {}): Promise<Finding[]> {
  return runDoctor({
    pool: api.pool,
    connectNats: () => connect(given.natsUrl),
    node: given.node ?? api.simulator.control,
    outboxKeepHours: 24,
    atRest: true,
  });
}

async function failures(
  given: Given = {},
): Promise<readonly Pick<Finding, 'check' | 'verdict' | 'ids'>[]> {
  const findings = await runAll(given);
  return findings
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ check, verdict, ids }) => ({ check, verdict, ids }));
}

/** A paid invoice of the node that is not in our database. */
async function settledAtNode(): Promise<{ hash: string; undo: () => Promise<unknown> }> {
  const { node, wallets } = api.simulator;
  const preimage = randomBytes(32).toString('hex');
  await wallets.open('stranger', toMsat(1_000_000n));
  const invoice = await node.createInvoice({
    kind: 'ordinary',
    preimage,
    amountMsat: toMsat(1_000n),
    expirySeconds: 60,
    memo: 'none of ours',
  });
  await wallets.pay('stranger', invoice.bolt11);
  return {
    hash: invoice.hash,
    undo: () =>
      api.pool.query(
        `with h as (delete from lightning_sim.htlcs where payment in (select id from lightning_sim.payments where hash = $1)),
         p as (delete from lightning_sim.payments where hash = $1 returning *),
         i as (delete from lightning_sim.invoices where hash = $1)
         update lightning_sim.parties set balance_msat = balance_msat
           + (case name when p.payer then 1 when p.payee then -1 else 0 end) * p.amount_msat from p`,
        [invoice.hash],
      ),
  };
}

describe('maintenance mode', () => {
  it('is a note and no failure', async () => {
    await turnMaintenanceOn(api.pool, 'the node is moved');
    const findings = await runAll();
    await turnMaintenanceOff(api.pool);
    expect(findings.filter(isFailure)).toEqual([]);
    const note = findings.find(({ check }) => check === 'new invoices are asked for')?.note;
    expect(note).toMatch(/^maintenance mode is on since 20.*: the node is moved$/);
    expect(await failures()).toEqual([]);
  });
});

describe('the books of the simulated node', () => {
  it('are compared with ours, invoice by invoice', async () => {
    expect(await failures()).toEqual([]);
    const { hash, undo } = await settledAtNode();
    const check = "the simulated node's settled invoices equal ours";
    expect(await failures()).toEqual([{ check, verdict: 'BROKEN', ids: [hash] }]);
    await undo();
    expect(await failures()).toEqual([]);
  });

  it('are checked by themselves', async () => {
    const change = (by: number): Promise<unknown> =>
      api.pool.query(
        `update lightning_sim.parties set balance_msat = balance_msat + $1 where name = 'node'`,
        [by],
      );
    await change(1);
    const check = "the simulated node's own books add up";
    expect(await failures()).toEqual([{ check, verdict: 'BROKEN', ids: ['node'] }]);
    await change(-1);
    expect(await failures()).toEqual([]);
  });

  it('are skipped when the node is not a simulated one', async () => {
    const node = new SimulatorControl({ url: api.url, timeoutMs: 1_000 });
    expect(await failures({ node })).toMatchObject([
      { verdict: 'skipped' },
      { verdict: 'skipped' },
    ]);
  });
});

describe('the streams', () => {
  // As if the database were older than what is published here.
  beforeAll(() => api.pool.query('update installation set epoch = epoch - 3600000'));
  afterEach(() => api.pool.query('delete from outbox'));
  const check = 'events marked as published are in their streams';
  /** Marked as published so many seconds from now: their stream may have just been created. */
  const published = async (seconds: number): Promise<{ messageId: string; epoch: bigint }> => {
    const { rows } = await api.pool.query<{ id: bigint }>(
      `insert into outbox (destination, kind, ordering_key, subject, payload, published_at)
       values ('nats', 'event', 'a', 'actions.test.done', '{}', now() + $1 * interval '1 second')
       returning id`,
      [seconds],
    );
    const epoch = await readEpoch(api.pool);
    return { messageId: `outbox/${epoch}/${rows[0]?.id ?? ''}`, epoch };
  };

  it('hold every event that is marked as published', async () => {
    const { messageId, epoch } = await published(60);
    expect(await failures()).toEqual([{ check, verdict: 'BROKEN', ids: [messageId] }]);
    await publish(nc.jetstream(), { subject: 'actions.test.done', body: {}, messageId, epoch });
    expect(await failures()).toEqual([]);
  });

  it('that NATS has lost are reported in a note, not as broken', async () => {
    await (await nc.jetstreamManager()).streams.delete('ACTIONS');
    await ensureStreams(nc);
    await published(-60);
    const findings = await runAll();
    const finding = findings.find((one) => one.check === check);
    expect(finding).toMatchObject({ verdict: 'ok', count: 0 });
    expect(finding?.note).toMatch(
      /^ACTIONS was created again at .*Z: 1 event published before is gone$/,
    );
    // What was published since then must be there.
    const { messageId } = await published(60);
    expect(await failures()).toEqual([{ check, verdict: 'BROKEN', ids: [messageId] }]);
  });

  it('are not asked for what was published before the epoch was raised', async () => {
    await published(40);
    const before = await readEpoch(api.pool);
    const raised = await raiseEpoch(api.pool);
    expect(await failures()).toMatchObject([{ check, verdict: 'BROKEN' }]);
    await api.pool.query('update installation set epoch = epoch + 20000');
    expect(await failures()).toEqual([]);
    await api.pool.query('update installation set epoch = $1', [before]);
    expect(raised).toBeGreaterThan(before);
  });

  it('are unchecked while NATS is down', async () => {
    const found = await failures({ natsUrl: 'nats://127.0.0.1:1' });
    expect(found).toMatchObject([{ verdict: 'unchecked' }, { verdict: 'unchecked' }]);
    expect(isFailure({ check: '', verdict: 'unchecked', count: 0, ids: [] })).toBe(true);
  });
});

describe('dead letters', () => {
  it('are broken until they are acknowledged', async () => {
    const js = nc.jetstream();
    const found = headers();
    found.set(DEAD_LETTER_HEADERS.subject, 'payments.invoice.x');
    found.set(DEAD_LETTER_HEADERS.reason, 'not JSON');
    await js.publish('deadletters.PAYMENTS', 'x', { headers: found });
    expect(await failures()).toMatchObject([
      { check: 'every dead letter is acknowledged', ids: [expect.stringContaining('not JSON')] },
    ]);
    const letters = [];
    for await (const letter of readDeadLetters(js, await nc.jetstreamManager()))
      letters.push(letter);
    await acknowledge(api.databaseUrl, letters, 'sent by a test');
    expect(await failures()).toEqual([]);
  });
});
