import type { Command } from 'commander';
import { readStoreDeadLetters } from '../../../engine/intake/events/dead-letters.js';
import {
  countErasable,
  erase,
  type ErasureTarget,
} from '../../../engine/intake/retention/erase.js';
import { askForSlips } from '../../../engine/intake/slips/ask-for-slips.js';
import { closeStore } from '../../../engine/intake/stores/close-store.js';
import { readStore } from '../../../engine/intake/stores/store.js';
import { orderOf, timeOf } from '../intake/time-argument.js';
import { withIntake } from '../intake/with-intake.js';
import { CommandError } from '../run-command.js';
import { table } from '../table.js';

const HIGHEST = 9_223_372_036_854_775_807n;
const SHOWN = 200;

interface SlipOptions {
  readonly order?: bigint;
  readonly again: boolean;
  readonly preview: boolean;
}

interface EraseOptions {
  readonly email?: string;
  readonly order?: bigint;
  readonly before?: Date;
  readonly preview: boolean;
}

export function addIntakeCare(intake: Command): void {
  const ofStore = (name: string, description: string): Command =>
    intake.command(name).description(description).argument('<store>', 'its id');
  ofStore('slips', 'mail slips that are held, or those of an order again')
    .option('--order <id>', 'only of this order', orderOf)
    .option('--again', 'with --order: also to participants who were mailed one', false)
    .option('--preview', 'count only', false)
    .action(mailSlips);
  ofStore('erase', 'erase personal data; the rows stay, without it')
    .option('--email <address>', 'of this person')
    .option('--order <id>', 'of this order', orderOf)
    .option('--before <time>', 'what is older, as in 2026-01-31T12:00:00Z', timeOf)
    .option('--preview', 'count only', false)
    .action(eraseData);
  ofStore('deadletters', 'deliveries that were refused or could not be read, newest first').action(
    showDeadLetters,
  );
  ofStore('close', 'look after it no longer, and delete its webhooks at the store').action(
    (store: string) =>
      withIntake(async (context) => {
        const { removed, remaining } = await closeStore(context, store);
        say(`store ${store} is closed; ${removed} of its webhooks were deleted there`);
        for (const { webhookId, topic, reason } of remaining) {
          say(`still there: ${topic}${webhookId === null ? '' : ` (${webhookId})`}: ${reason}`);
        }
      }),
  );
}

function mailSlips(store: string, { order, again, preview }: SlipOptions): Promise<void> {
  return withIntake(async (context) => {
    const asked = await askForSlips(context, { store, orderId: order ?? null, again, preview });
    const of = asked.again === 0 ? '' : `, ${asked.again} of them once more`;
    say(`${asked.mails} slips ${preview ? 'would be' : 'are'} mailed to customers${of}`);
  });
}

function eraseData(store: string, options: EraseOptions): Promise<void> {
  const target = targetOf(options);
  return withIntake(async ({ pool }) => {
    await readStore(pool, store);
    const { orders, participants, slips, deliveries } = options.preview
      ? await countErasable(pool, store, target)
      : await erase(pool, store, target);
    const what = `${orders} orders, ${participants} participants, ${slips} slips, ${deliveries} deliveries`;
    say(`${what} ${options.preview ? 'would be' : 'are'} without personal data`);
  });
}

function targetOf({ email, order, before }: EraseOptions): ErasureTarget {
  const targets: ErasureTarget[] = [];
  if (email !== undefined) targets.push({ what: 'email', value: email });
  if (order !== undefined) targets.push({ what: 'order', value: order });
  if (before !== undefined) targets.push({ what: 'before', value: before });
  const [target] = targets;
  if (target === undefined || targets.length > 1)
    throw new CommandError('exactly one of --email, --order and --before must be given', '');
  return target;
}

function showDeadLetters(store: string): Promise<void> {
  return withIntake(async ({ pool }) => {
    await readStore(pool, store);
    const letters = await readStoreDeadLetters(pool, store, { before: HIGHEST, limit: SHOWN });
    const rows = letters.map(({ id, receivedAt, topic, reason, bytes, erasedAt }) => [
      ...[id.toString(), receivedAt.toISOString(), topic.replace(/\p{Cc}+/gu, ' '), reason],
      erasedAt === null ? String(bytes) : 'erased',
    ]);
    say(table([['id', 'received', 'topic', 'reason', 'bytes'], ...rows]));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
