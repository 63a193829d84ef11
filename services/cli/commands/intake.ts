import type { Command } from 'commander';
import type { Pool } from 'pg';
import { inTransaction } from '../../../db/transaction.js';
import type { IntakeContext } from '../../../engine/intake/context.js';
import { replayDeliveries } from '../../../engine/intake/events/replay.js';
import { readTasks } from '../../../engine/intake/read-tasks.js';
import { reconcileNow, recoverSince } from '../../../engine/intake/recover.js';
import { rotateSecrets } from '../../../engine/intake/stores/webhook-secrets.js';
import { sealAllPlainWallets } from '../../../engine/payouts/wallet-secrets.js';
import { table } from '../table.js';
import { withPool } from '../with-pool.js';
import { timeOf } from '../intake/time-argument.js';
import { withIntake } from '../intake/with-intake.js';
import { addIntakeCare } from './intake-care.js';
import { addIntakeEvaluate } from './intake-evaluate.js';
import { addIntakeIncidents } from './intake-incidents.js';

export function addIntake(program: Command): void {
  const intake = program.command('intake').description('order intake of stores');
  addIntakeEvaluate(intake);
  addIntakeIncidents(intake);
  addIntakeCare(intake);
  intake
    .command('reconcile')
    .description('read what a store has changed, now or since a time')
    .argument('<store>', 'its id')
    .option(
      '--since <time>',
      'take in all orders modified since, as in 2026-01-31T12:00:00Z',
      timeOf,
    )
    .option('--preview', 'with --since: count only', false)
    .action((store: string, options: { since?: Date; preview: boolean }) =>
      withIntake((context) => reconcileStore(context, store, options)),
    );
  intake
    .command('replay')
    .description(
      'take in deliveries that were refused for their signature, after the secret was corrected',
    )
    .argument('<store>', 'its id')
    .option('--preview', 'count only', false)
    .action((store: string, { preview }: { preview: boolean }) =>
      withIntake(async (context) => {
        const count = await replayDeliveries(context, store, { preview });
        say(`${count} deliveries ${preview ? 'would be' : 'are'} taken in`);
      }),
    );
  intake
    .command('doctor')
    .description('show what each store waits for, and what fails')
    .action(() => withPool(async (pool) => showTasks(pool)));
  intake
    .command('rotate')
    .description(
      'encrypt the secrets of stores, webhooks and wallets with the newest key of QUITTANCE_STORE_KEY',
    )
    .action(() =>
      withIntake(async ({ pool, keys }) => {
        const rotated = await inTransaction(pool, (tx) => rotateSecrets(tx, keys));
        const sealed = await sealAllPlainWallets(pool, { storeKeys: keys });
        say(`${rotated + sealed} values are encrypted anew`);
      }),
    );
}

async function reconcileStore(
  context: IntakeContext,
  store: string,
  { since, preview }: { readonly since?: Date; readonly preview: boolean },
): Promise<void> {
  if (since === undefined) {
    await reconcileNow(context, store);
    say(`store ${store} is reconciled by its workflow now`);
    return;
  }
  const { found, changed } = await recoverSince(context, store, { since, preview });
  say(
    `${found} orders were modified since${changed === null ? '' : `; ${changed} were taken in or changed`}`,
  );
}

async function showTasks(pool: Pool): Promise<void> {
  const tasks = await readTasks(pool);
  const rows = tasks.map(({ store, task, dueAt, tries, lastError }) => [
    ...[store, task, dueAt.toISOString(), String(tries), lastError ?? ''],
  ]);
  say(table([['store', 'task', 'due', 'tries', 'last error'], ...rows]));
  const late = tasks.filter(({ overdue }) => overdue);
  say(
    late.length === 0
      ? 'all tasks run in time'
      : `${late.length} tasks are more than a minute late`,
  );
  if (late.length > 0) process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
