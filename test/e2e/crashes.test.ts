import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { creditsRebuildWorkflowId, TASK_QUEUES } from '../../domain/names/workflows.js';
import { PROCESS_NAMES } from '../../services/cli/up/processes.js';
import { brokenRules } from '../support/books.js';
import { waitUntil } from '../support/wait-until.js';
import { runScenarios } from './scenarios.helper.js';
import { System } from './system.helper.js';

const SCENARIOS = 24;
/** A quarter of each of four kinds: three kinds end PAID, transmissions end received. */
const ALL_SUCCEED = { PAID: (SCENARIOS / 4) * 3, received: SCENARIOS / 4 };

let system: System;

beforeAll(async () => {
  system = await System.start({ doubled: true });
});
afterAll(() => system.stop());

/** Nothing is open, the outbox is published, and all amounts add up, also in the wallets of the simulated node. */
async function expectConsistent(): Promise<void> {
  const count = async (sql: string): Promise<number> =>
    Number((await system.pool.query<{ n: bigint }>(`select count(*) as n from ${sql}`)).rows[0]?.n);
  const eventuallyNone = (what: string, sql: string): Promise<boolean> =>
    waitUntil(what, async () => (await count(sql)) === 0, 60_000);
  await eventuallyNone('every attempt has ended', `attempts where state not in ('PAID', 'FAILED')`);
  await eventuallyNone('the outbox is empty', 'outbox where published_at is null');
  expect(await brokenRules(system.pool)).toEqual([]);
  const books = await system.node.recount();
  expect(books).toMatchObject({ conserved: true, wrongBalances: [], wrongInvoices: [] });
}

describe('two workers and two relays', () => {
  it('share the work', async () => {
    const run = await runScenarios(system, 'shared', SCENARIOS);
    expect(await run.done).toEqual(ALL_SUCCEED);
    await expectConsistent();
    const relays = [
      system.processes.relay,
      ...system.parts.seconds.filter(({ spec }) => spec.name === 'relay'),
    ];
    expect(relays).toHaveLength(2);
    for (const { url } of relays) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(/quittance_outbox_delivered_total\{.*\} [1-9]/);
    }
    expect((await identitiesOfWorkers()).size).toBe(2);
  });
});

/** Identities of the workers that completed workflow tasks, from the histories. */
async function identitiesOfWorkers(): Promise<ReadonlySet<string>> {
  const connection = await Connection.connect({ address: system.servers.temporalAddress });
  const identities = new Set<string>();
  try {
    const { workflow } = new Client({ connection });
    for await (const { workflowId } of workflow.list({ query: 'ExecutionStatus = "Completed"' })) {
      const { events } = await workflow.getHandle(workflowId).fetchHistory();
      for (const { workflowTaskCompletedEventAttributes: completed } of events ?? []) {
        if (typeof completed?.identity === 'string') identities.add(completed.identity);
      }
    }
  } finally {
    await connection.close();
  }
  return identities;
}

describe('killed with work in flight', () => {
  it.each(PROCESS_NAMES)('%s', async (name) => {
    const run = await runScenarios(system, `kill-${name}`, SCENARIOS);
    await run.underWay;
    system.kill(name);
    expect(await run.done).toEqual(ALL_SUCCEED);
    await expectConsistent();
  });
});

describe('stopped and started again with work in flight', () => {
  it.each(['postgres', 'nats', 'temporal'] as const)('%s', async (name) => {
    const run = await runScenarios(system, `stop-${name}`, SCENARIOS);
    await run.underWay;
    await system.servers[name].stop();
    await system.servers[name].start();
    expect(await run.done).toEqual(ALL_SUCCEED);
    await expectConsistent();
  });
});

describe('Temporal restarts without its data', () => {
  it('open workflows are found and finished', async () => {
    const run = await runScenarios(system, 'empty-temporal', SCENARIOS);
    await run.underWay;
    await system.servers.temporal.empty?.();
    expect(await run.done).toEqual(ALL_SUCCEED);
    await expectConsistent();
  });
});

describe('a rebuild of a ledger whose worker is killed half-way', () => {
  const ADDRESSES = 30_000;
  const WORKFLOW_ID = creditsRebuildWorkflowId('aleph', false);
  const isReady = async (): Promise<boolean> =>
    (await fetch(new URL('/readyz', system.processes.api.url))).status === 200;
  const countLots = async (): Promise<number> => {
    const { rows } = await system.pool.query<{ n: bigint }>(
      `select count(*) as n from credit_lots where ledger = 'aleph'`,
    );
    return Number(rows[0]?.n);
  };

  it('continues on the other worker, and the API is ready only after it', async () => {
    await system.pool.query(
      `insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
       select 'aleph', 'brought in', i, 'address ' || i, 100, now() from generate_series(1, $1) i`,
      [ADDRESSES],
    );
    expect(await isReady()).toBe(false);
    const connection = await Connection.connect({ address: system.servers.temporalAddress });
    try {
      const { workflow } = new Client({ connection });
      const handle = await workflow.start('creditsRebuild', {
        workflowId: WORKFLOW_ID,
        taskQueue: TASK_QUEUES.effects,
        args: [{ ledger: 'aleph', dryRun: false }],
      });
      await waitUntil('the rebuild has begun', async () => (await countLots()) > 0, 45_000);
      system.kill('worker');
      expect(await countLots()).toBeLessThan(ADDRESSES);
      expect(await isReady()).toBe(false);
      expect(await handle.result()).toMatchObject({ addresses: ADDRESSES, verified: true });
    } finally {
      await connection.close();
    }
    expect(await countLots()).toBe(ADDRESSES);
    await waitUntil('the API is ready', isReady);
  });
});
