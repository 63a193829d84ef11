import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { OpenedAction, QuittanceClient } from '@quittance/sdk';
import { satsToMsat, toMsat } from '../../domain/money.js';
import { type System, WALLET } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { waitUntil } from '../support/wait-until.js';
import {
  quittance,
  startSystemWith,
  type SystemWithPostgres,
} from './postgres/system-with-postgres.js';
import { postInStorm } from './storm/pay-steadily.js';

/** Payments of each kind. */
const EACH = 6;
const PAYEE = 'restore-payee';
const WITHDRAWN_SATS = 21n;
const NEVER_PAID_SECONDS = 120;
const IDLE_MS = 300_000;
const WAIT_MS = 60_000;
const RESTORED_MS = 120_000;

const servers: OwnPostgres[] = [];
let running: SystemWithPostgres | undefined;
afterEach(async () => {
  await running?.stop();
  for (const server of servers.splice(0)) await server.remove();
  running = undefined;
});

interface Withdrawal {
  readonly id: string;
  readonly hash: string;
}

it(
  'after a restore to a time, while node, NATS and Temporal are newer, nothing is paid twice, and what is known is recovered',
  { timeout: 1_800_000 },
  async () => {
    const server = await OwnPostgres.start({ wal_level: 'replica' });
    servers.push(server);
    const archive = await server.folderFor('archive');
    await server.configure({
      archive_mode: 'on',
      archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f`,
    });
    await server.signal('SIGINT');
    await server.start();
    running = await startSystemWith(server.urlOf());
    const { system } = running;
    const itemId = await postInStorm(system);
    const saver = await saverOf(system);
    const client = system.client();

    // The base backup, and what is in the archive after it.
    const restored = await OwnPostgres.create(server.port);
    servers.push(restored);
    await server.backUpTo(restored);
    const paidBefore = await openMany(client, itemId);
    await payAll(system, paidBefore);
    const paidAfter = await openMany(client, itemId);
    const overlapping = await withdraw(system, saver, 'hang');
    await untilSent(system, overlapping);

    // The time to which it is restored. Everything below is newer.
    const target = await timeOf(server);
    await payAll(system, paidAfter);
    await system.wallets.decide(PAYEE, overlapping.hash, 'succeed');
    expect((await saver.waitForAction(overlapping.id)).state).toBe('PAID');
    const openedAfter = await openMany(client, itemId);
    await payAll(system, openedAfter);
    const never = await openMany(client, itemId, 1, NEVER_PAID_SECONDS);
    const forgotten = await withdraw(system, saver, 'succeed');
    expect((await saver.waitForAction(forgotten.id)).state).toBe('PAID');
    const balanceMsat = (await system.wallets.find(PAYEE)).balanceMsat;
    expect(balanceMsat).toBe(2n * satsToMsat(WITHDRAWN_SATS));
    await untilArchived(server, archive);

    const startedAt = performance.now();
    await system.whileStopped(async () => {
      // The disk is gone.
      await server.signal('SIGKILL');
      await restored.configure({
        archive_mode: 'off',
        restore_command: `cp ${archive}/%f %p`,
        // It knows no Z.
        recovery_target_time: target.toISOString().replace('T', ' ').replace('Z', '+00'),
        recovery_target_action: 'promote',
      });
      await restored.touch('recovery.signal');
      restored.spawn();
      await waitUntil('it is restored', () => restored.isPrimary(), RESTORED_MS).catch(
        async (cause: unknown) => {
          throw new Error(`not restored: ${await restored.lastWords()}`, { cause });
        },
      );
      await quittance(system, ['epoch', 'raise', '--because', 'restored'], restored.urlOf());
    });
    const restoredMs = performance.now() - startedAt;

    const first = await quittance(
      system,
      ['differences', '--since', target.toISOString()],
      restored.urlOf(),
    );
    for (const { action } of paidAfter)
      expect((await ended(client, action.id, paidAfter)).state).toBe('PAID');
    expect((await saver.waitForAction(overlapping.id, { timeoutMs: WAIT_MS })).state).toBe('PAID');
    await waitUntilIdle(system, IDLE_MS);
    const named = await quittance(
      system,
      ['differences', '--since', target.toISOString()],
      restored.urlOf(),
    );
    process.stdout.write(
      `restored to ${target.toISOString()} and running after ${Math.round(restoredMs)} ms\nat once:\n${first}\nat rest:\n${named}\n`,
    );
    // Nothing was paid again.
    expect((await system.wallets.find(PAYEE)).balanceMsat).toBe(balanceMsat);
    for (const { action } of openedAfter) expect(named).toContain(`${action.id}/1`);
    expect(named).toContain(forgotten.hash);
    for (const { action } of [...paidBefore, ...paidAfter, ...never])
      expect(named).not.toContain(action.id);
    expect(named).not.toContain(overlapping.hash);

    // Who tries to be paid again by an invoice that was paid already gets nothing: the node knows of it.
    await expect(
      saver.withdraw({ bolt11: await bolt11Of(system, forgotten.hash) }),
    ).rejects.toMatchObject({ code: 'withdrawal.invoice_used' });
    expect((await system.wallets.find(PAYEE)).balanceMsat).toBe(balanceMsat);
    await waitUntilIdle(system, IDLE_MS);
    const failed = await failedChecks(system);
    expect(failed.filter((line) => !line.startsWith("the simulated node's settled"))).toEqual([]);
  },
);

/** Has sats to withdraw. */
async function saverOf(system: System): Promise<QuittanceClient> {
  await system.wallets.open(PAYEE, toMsat(0n));
  const saver = await system.account('restore-saver');
  await system.operator.grantCredits('restore-saver', {
    ...{ asset: 'SATS', amountMsat: '1000000000', reason: 'a test' },
  });
  return saver;
}

async function openMany(
  client: QuittanceClient,
  itemId: string,
  count = EACH,
  // Until then a workflow waits for a payment, though its row be gone.
  invoiceExpirySeconds = 600,
): Promise<readonly OpenedAction[]> {
  return Promise.all(
    Array.from({ length: count }, () =>
      client.openAction({
        ...{
          type: 'ZAP',
          args: { itemId, sats: 2 },
          payment: 'invoice',
          invoiceExpirySeconds,
        },
      }),
    ),
  );
}

async function payAll(system: System, opened: readonly OpenedAction[]): Promise<void> {
  const client = system.client();
  for (const { action } of opened) {
    const bolt11 = action.attempts[0]?.invoice?.bolt11 ?? '';
    await system.wallets.pay(WALLET, bolt11);
  }
  for (const { action } of opened) {
    expect((await ended(client, action.id, opened)).state).toBe('PAID');
  }
}

function ended(
  client: QuittanceClient,
  id: string,
  opened: readonly OpenedAction[],
): ReturnType<QuittanceClient['waitForAction']> {
  const capability = opened.find(({ action }) => action.id === id)?.capability;
  const known = capability === undefined ? {} : { capability };
  return client.waitForAction(id, { ...known, timeoutMs: WAIT_MS });
}

async function withdraw(
  system: System,
  saver: QuittanceClient,
  outcome: 'hang' | 'succeed',
): Promise<Withdrawal> {
  const request = { amountMsat: satsToMsat(WITHDRAWN_SATS), expirySeconds: 3_600, memo: '' };
  const { hash, bolt11 } = await system.wallets.createInvoice(PAYEE, request, outcome);
  const { id } = await saver.withdraw({ bolt11 });
  return { id, hash };
}

async function bolt11Of(system: System, hash: string): Promise<string> {
  return (await system.wallets.findInvoice(PAYEE, hash))?.bolt11 ?? '';
}

/** The send is under way. */
async function untilSent(system: System, { hash }: Withdrawal): Promise<void> {
  await waitUntil(
    'it is sent',
    async () => {
      const { rowCount } = await system.pool.query('select from sends where hash = $1', [hash]);
      return rowCount === 1;
    },
    WAIT_MS,
  );
}

async function timeOf(server: OwnPostgres): Promise<Date> {
  const rows = await server.query<{ at: Date }>('select clock_timestamp() as at');
  const [row] = rows;
  if (row === undefined) throw new Error('no time');
  return row.at;
}

/** Everything that was written is in the archive. */
async function untilArchived(server: OwnPostgres, archive: string): Promise<void> {
  const rows = await server.query<{ file: string }>(
    `select pg_walfile_name(pg_switch_wal()) as file`,
  );
  const file = join(archive, rows[0]?.file ?? '');
  await waitUntil(
    'the log is archived',
    () =>
      access(file).then(
        () => true,
        () => false,
      ),
    WAIT_MS,
  );
}
