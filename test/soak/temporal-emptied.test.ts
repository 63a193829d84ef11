import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareTemporal } from '../../services/cli/prepare/prepare.js';
import { loadConfigPart } from '../../services/shared/config.js';
import { TEMPORAL_KEYS } from '../../services/shared/temporal/access.js';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { TemporalOnPostgres } from '../support/temporal-on-postgres.js';
import { payAndNote, untilMore, WAIT_MS } from './postgres/pay-and-note.js';
import { quittance } from './postgres/system-with-postgres.js';
import { postInStorm } from './storm/pay-steadily.js';
import { STORM_ENVIRONMENT } from './storm/storm.js';

const RESTARTS = 3;
const EVERY_MS = 300;
const BETWEEN = 20;
const IDLE_MS = 300_000;

let temporal: TemporalOnPostgres;
let system: System;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  temporal = await TemporalOnPostgres.start();
  stops.unshift(() => temporal.stop());
  const config = loadConfigPart([...TEMPORAL_KEYS, 'QUITTANCE_TEMPORAL_RETENTION_DAYS'], {
    TEMPORAL_ADDRESS: temporal.address,
  });
  await prepareTemporal(config, () => undefined);
  system = await System.start({
    environment: {
      ...STORM_ENVIRONMENT,
      TEMPORAL_ADDRESS: temporal.address,
      QUITTANCE_CONFIRM_TIMEOUT_SECONDS: '3',
    },
  });
  stops.unshift(() => system.stop());
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

it(
  `Temporal on PostgreSQL is killed ${RESTARTS} times, loses its database's server once, and then all that it knew: everything finishes`,
  { timeout: 1_800_000 },
  async () => {
    const itemId = await postInStorm(system);
    const load = payAndNote(system, { itemId, everyMs: EVERY_MS, giveUpMs: WAIT_MS });
    // Workflows that wait: nobody pays these, and they end by their deadlines.
    const waiting = await openUnpaid(system, itemId);
    const waits: string[] = [];
    const next = async (what: string): Promise<void> => {
      const since = performance.now();
      await untilMore(load, BETWEEN);
      waits.push(
        `${what}: ${BETWEEN} more paid within ${Math.round(performance.now() - since)} ms`,
      );
    };
    await next('at first');
    for (let restart = 1; restart <= RESTARTS; restart += 1) {
      await temporal.kill();
      await temporal.run();
      await next(`restart ${restart}`);
    }
    await temporal.postgres.signal('SIGKILL');
    await next('its PostgreSQL is away');
    await temporal.postgres.start();
    await next('its PostgreSQL is back');
    await temporal.empty();
    await next('it is empty, without a namespace');
    await quittance(system, ['prepare'], system.servers.databaseUrl);
    await next('prepared again');
    await load.stop();
    process.stdout.write(
      `${load.acknowledged.length} paid, ${waiting.length} not paid\n${waits.join('\n')}\n`,
    );
    expect(load.others).toEqual([]);
    await waitUntilIdle(system, IDLE_MS);
    const { rows } = await system.pool.query<{ state: string; count: bigint }>(
      'select state, count(*) as count from attempts where action_id = any ($1) group by state',
      [waiting],
    );
    expect(rows).toEqual([{ state: 'FAILED', count: BigInt(waiting.length) }]);
    expect(await failedChecks(system)).toEqual([]);
    expect(await runningWorkflows(temporal.address)).toBe(0);
  },
);

async function openUnpaid(on: System, itemId: string): Promise<readonly string[]> {
  const client = on.client();
  const opened = await Promise.all(
    Array.from({ length: 10 }, () =>
      client.openAction({
        ...{ type: 'ZAP', args: { itemId, sats: 3 }, payment: 'invoice', invoiceExpirySeconds: 90 },
      }),
    ),
  );
  return opened.map(({ action }) => action.id);
}

async function runningWorkflows(address: string): Promise<number> {
  const connection = await Connection.connect({ address });
  try {
    const { count } = await connection.workflowService.countWorkflowExecutions({
      ...{ namespace: 'default', query: `ExecutionStatus = 'Running'` },
    });
    return Number(count);
  } finally {
    await connection.close();
  }
}
