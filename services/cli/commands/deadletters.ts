import { type Command, InvalidArgumentError, Option } from 'commander';
import type { JetStreamClient, JetStreamManager } from 'nats';
import { pino } from 'pino';
import type { StreamName } from '../../../domain/names/subjects.js';
import { loadConfigPart, redactUrl } from '../../shared/config.js';
import {
  readDeadLetter,
  readDeadLetters,
  type DeadLetter,
} from '../../shared/dead-letters/read.js';
import { replayDeadLetter } from '../../shared/dead-letters/replay.js';
import { NATS_KEYS } from '../../shared/nats-access/options.js';
import { closeNats, connectNats } from '../../shared/nats.js';
import { ensureStreams, streamNames } from '../../shared/streams.js';
import { EXIT } from '../exit-codes.js';
import { CommandError, messageOf } from '../run-command.js';
import { acknowledge } from '../doctor/checks/dead-letters.js';

interface ListOptions {
  readonly stream?: StreamName;
  readonly json?: boolean;
}

interface ReplayOptions {
  readonly stream?: StreamName;
  readonly all?: boolean;
}

interface JetStream {
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
}

export function addDeadletters(program: Command): void {
  const deadletters = program
    .command('deadletters')
    .description('messages that could not be read or were refused');
  const ofStream = (): Option =>
    new Option('--stream <stream>', 'only those of this stream').choices(streamNames());
  deadletters
    .command('list')
    .description('show them, oldest first')
    .addOption(ofStream())
    .option('--json', 'one JSON object per line, with the body')
    .action((options: ListOptions) => withJetStream((streams) => list(streams, options)));
  deadletters
    .command('replay')
    .description('publish them again to their old subjects; removes each when it is stored')
    .argument('[seq...]', 'their numbers, as listed', wholeNumbers)
    .addOption(ofStream())
    .option('--all', 'all of them')
    .action((seqs: readonly number[], options: ReplayOptions) =>
      withJetStream((streams) => replay(streams, seqs, options)),
    );
  deadletters
    .command('acknowledge')
    .description(
      'keep them with the reason why they need no more attention; they leave list and metrics',
    )
    .argument('<seq...>', 'their numbers, as listed', wholeNumbers)
    .requiredOption('--because <text>', 'the reason')
    .action((seqs: readonly number[], { because }: { because: string }) =>
      withJetStream(async ({ manager }) => {
        const { databaseUrl } = loadConfigPart(['DATABASE_URL']);
        const letters = await theseOf(manager, seqs);
        await acknowledge(databaseUrl, letters, because);
        for (const { seq } of letters) {
          await manager.streams.deleteMessage('DEADLETTERS', seq, false);
        }
        say(`${seqs.length} acknowledged`);
      }),
    );
}

async function list(
  { js, manager }: JetStream,
  { stream, json = false }: ListOptions,
): Promise<void> {
  let count = 0;
  for await (const letter of readDeadLetters(js, manager, stream)) {
    count += 1;
    for (const line of json ? [deadLetterJson(letter)] : deadLetterLines(letter)) say(line);
  }
  if (!json) say(`${count} dead letters`);
}

const LONGEST_BODY = 200;

/** One dead letter for a person to read. Control characters are removed: whoever published it must not write to the terminal. */
function deadLetterLines(letter: DeadLetter): string[] {
  const body = onOneLine(new TextDecoder().decode(letter.body));
  const lines = [
    `${letter.seq}  ${letter.subject}  ${letter.storedAt}`,
    `    reason: ${letter.reason} (${letter.consumer}, ${letter.diedAt})`,
    `    id:     ${letter.messageId ?? '(none)'}`,
    `    body:   ${body.length > LONGEST_BODY ? `${body.slice(0, LONGEST_BODY)}…` : body}`,
  ];
  return lines.map(onOneLine);
}

/** For a program: one line with the whole body as text; bytes that are not UTF-8 are replaced. */
function deadLetterJson(letter: DeadLetter): string {
  return JSON.stringify({ ...letter, body: new TextDecoder().decode(letter.body) });
}

function onOneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

async function replay(
  streams: JetStream,
  seqs: readonly number[],
  { stream, all = false }: ReplayOptions,
): Promise<void> {
  const { js, manager } = streams;
  if (all === seqs.length > 0) {
    throw new CommandError(
      'either numbers or --all must be given',
      '`quittance deadletters list` shows the numbers',
    );
  }
  // Read all first: one that is refused again is stored as a new dead letter.
  const letters = all ? await allOf(streams, stream) : await theseOf(manager, seqs);
  for (const letter of letters) {
    await replayDeadLetter(js, manager, letter);
    say(`replayed ${letter.seq}  ${letter.subject}`);
  }
  say(`${letters.length} replayed`);
}

async function allOf({ js, manager }: JetStream, stream?: StreamName): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of readDeadLetters(js, manager, stream)) letters.push(letter);
  return letters;
}

/** Throws before anything is done when one is missing. */
async function theseOf(manager: JetStreamManager, seqs: readonly number[]): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const seq of new Set(seqs)) {
    const letter = await readDeadLetter(manager, seq);
    if (letter === undefined) {
      throw new CommandError(
        `there is no dead letter ${seq}`,
        '`quittance deadletters list` shows the numbers',
      );
    }
    letters.push(letter);
  }
  return letters;
}

async function withJetStream(work: (streams: JetStream) => Promise<void>): Promise<void> {
  const config = loadConfigPart(NATS_KEYS);
  const logger = pino({ level: 'silent' });
  const nc = await connectNats(config, logger, 'cli', { waitForServer: false }).catch(
    (error: unknown) => {
      throw new CommandError(
        `NATS at ${redactUrl(config.natsUrl)}: ${messageOf(error)}`,
        'check NATS_URL and that NATS runs with JetStream',
        { cause: error, exitCode: EXIT.notLooked },
      );
    },
  );
  try {
    await ensureStreams(nc);
    await work({ js: nc.jetstream(), manager: await nc.jetstreamManager() });
  } finally {
    await closeNats(nc);
  }
}

/** Commander calls this once per argument, with the result of the call before. */
function wholeNumbers(text: string, before: readonly number[] | undefined): number[] {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(number)) {
    throw new InvalidArgumentError(
      'not the number of a dead letter: `quittance deadletters list` shows them',
    );
  }
  return [...(before ?? []), number];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
