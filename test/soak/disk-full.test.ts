import { afterEach, expect, it } from 'vitest';
import { QuittanceClient, QuittanceError } from '@quittance/sdk';
import type { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { canMountTmpfs, OwnPostgres } from '../support/own-postgres.js';
import { waitUntil } from '../support/wait-until.js';
import { lostOf, payAndNote } from './postgres/pay-and-note.js';
import { startSystemWith, type SystemWithPostgres } from './postgres/system-with-postgres.js';
import { postInStorm } from './storm/pay-steadily.js';

const mounts = await canMountTmpfs();
if (!mounts) process.stdout.write('a full disk: not run: no tmpfs can be mounted here\n');

const DISK_MIB = 400;
const EVERY_MS = 300;
const BETWEEN = 15;
const WAIT_MS = 120_000;
const IDLE_MS = 300_000;
/** Requests that must be refused while the disk is full. */
const REFUSED = 10;

let server: OwnPostgres | undefined;
let running: SystemWithPostgres | undefined;
afterEach(async () => {
  await running?.stop();
  await server?.remove();
  [server, running] = [undefined, undefined];
});

it.skipIf(!mounts)(
  "PostgreSQL's disk is full: writes are refused and change nothing, and everything goes on once there is room",
  { timeout: 1_800_000 },
  async () => {
    server = await OwnPostgres.start({ min_wal_size: '32MB', max_wal_size: '64MB' }, DISK_MIB);
    running = await startSystemWith(server.urlOf());
    const { system } = running;
    const itemId = await postInStorm(system);
    const load = payAndNote(system, { itemId, everyMs: EVERY_MS, giveUpMs: WAIT_MS });
    const untilMore = (count: number): Promise<boolean> => {
      const until = load.acknowledged.length + count;
      return waitUntil(
        `${count} more; ${load.others.slice(0, 3).join('; ')}`,
        () => load.acknowledged.length >= until,
        WAIT_MS,
      );
    };
    await untilMore(BETWEEN);
    await server.fillDisk();
    const refused = await untilRefused(system, itemId);
    const known = [...load.acknowledged];
    const survived = await server.answers();
    await server.makeRoom();
    // Where there was no room for the log PostgreSQL has stopped itself: whoever supervises it starts it again.
    if (!(await server.answers())) await server.restart();
    expect(await lostOf(server, known)).toEqual([]);
    await untilMore(BETWEEN);
    await load.stop();
    process.stdout.write(
      `disk full: PostgreSQL ${survived ? 'went on reading' : 'stopped itself'}; refused with ${JSON.stringify(refused)}; ${load.acknowledged.length} paid in all\n`,
    );
    expect(Object.keys(refused)).toEqual(['503']);
    expect(load.others).toEqual([]);
    await waitUntilIdle(system, IDLE_MS);
    expect(await failedChecks(system)).toEqual([]);
  },
);

/** By status: how often an opening was refused, until it was refused so many times. What is not refused is opened. */
async function untilRefused(system: System, itemId: string): Promise<Record<string, number>> {
  const client = new QuittanceClient({ baseUrl: system.parts.apiUrl, retries: 0 });
  const refused: Record<string, number> = {};
  await waitUntil(
    'openings are refused',
    async () => {
      const status = await client
        .openAction({ type: 'ZAP', args: { itemId, sats: 2 }, payment: 'invoice' })
        .then(
          () => undefined,
          (error: unknown) => (error instanceof QuittanceError ? String(error.status) : 'none'),
        );
      if (status !== undefined) refused[status] = (refused[status] ?? 0) + 1;
      return Object.values(refused).reduce((sum, count) => sum + count, 0) >= REFUSED;
    },
    WAIT_MS,
  );
  return refused;
}
