import { Command } from 'commander';
import { headers } from 'nats';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { Refusal } from '../../../../domain/refusal.js';
import { addDeadletters } from '../../../../services/cli/commands/deadletters.js';
import type { MessageHandler } from '../../../../services/relay/consumer/message-handler.js';
import { readDeadLetters, type DeadLetter } from '../../../../services/shared/dead-letters/read.js';
import { replayDeadLetter } from '../../../../services/shared/dead-letters/replay.js';
import { registerStreamMetrics } from '../../../../services/shared/metrics-streams.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  createNotes,
  notes,
  notesAppliedBy,
  publishMessage,
  startConsumer,
  writeNote,
  written,
  type Note,
  type TestConsumer,
} from './consumer-fixture.helper.js';
import { logger, useServers } from './fixture.helper.js';
import { messagesOf } from './messages.helper.js';

const servers = useServers();
let consumer: TestConsumer | undefined;

beforeEach(() => createNotes(servers.database.pool));

afterEach(async () => {
  vi.unstubAllEnvs();
  await consumer?.stop();
  consumer = undefined;
});

/** Refuses notes while `isOpen` returns false. */
function notesAppliedIf(isOpen: () => boolean): MessageHandler<Note> {
  return notesAppliedBy(async (tx, note) => {
    const outcome = await writeNote(tx, note);
    if (!isOpen()) throw new Refusal('item.not_found', `there is no item ${note.n}`);
    return outcome;
  });
}

function start(handler: MessageHandler<Note> = notes): TestConsumer {
  consumer = startConsumer(servers.nc, servers.database, handler);
  return consumer;
}

async function letters(): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  const manager = await servers.nc.jetstreamManager();
  for await (const letter of readDeadLetters(servers.nc.jetstream(), manager)) found.push(letter);
  return found;
}

function untilLetters(count: number): Promise<DeadLetter[]> {
  return waitUntil(`${count} dead letters`, async () => {
    const found = await letters();
    return found.length === count ? found : undefined;
  });
}

const textOf = (letter: DeadLetter | undefined): string =>
  Buffer.from(letter?.body ?? []).toString();

describe('dead letters', () => {
  it('hold messages that cannot be read, with everything known about them', async () => {
    const subject = 'intake.test.odd';
    start();
    await publishMessage(
      servers.nc,
      servers.database.pool,
      { n: 'many' },
      { subject, messageId: 'odd/1' },
    );
    const [unfit] = await untilLetters(1);
    expect(unfit).toMatchObject({
      stream: 'INTAKE',
      subject,
      consumer: notes.durable,
      messageId: 'odd/1',
      epoch: String(await readEpoch(servers.database.pool)),
      reason: expect.stringContaining('n: ') as unknown,
    });
    expect(textOf(unfit)).toBe('{"n":"many"}');
    expect(Math.abs(Date.parse(unfit?.storedAt ?? '') - Date.now())).toBeLessThan(60_000);

    servers.nc.publish(subject, 'no JSON, no headers');
    const [, bare] = await untilLetters(2);
    expect(bare).toMatchObject({ subject, reason: 'no Nats-Msg-Id header' });
    expect(bare?.messageId).toBeUndefined();
    expect(textOf(bare)).toBe('no JSON, no headers');
  });

  it('hold refused messages, whose effect is rolled back, and nothing is left to deliver', async () => {
    const consuming = start(
      notesAppliedBy(async (tx, note) => {
        await writeNote(tx, note);
        if (note.n === 1) throw new Refusal('item.not_found', 'there is no item 1');
        if (note.n === 2) await tx.query(`select 'two'::integer`);
        return 'applied';
      }),
    );
    for (let n = 0; n < 5; n += 1) await publishMessage(servers.nc, servers.database.pool, { n });
    const found = await untilLetters(2);
    await waitUntil(
      'the others are applied',
      async () => (await consuming.results('applied')) === 3,
    );
    expect(await written(servers.database.pool)).toEqual([0, 3, 4]);
    const reasons = found.map(({ reason }) => reason).sort();
    expect(reasons[0]).toContain('22P02');
    expect(reasons[1]).toContain('there is no item 1');
    const manager = await servers.nc.jetstreamManager();
    await waitUntil('nothing is left to deliver', async () => {
      const info = await manager.consumers.info(notes.stream, notes.durable);
      return info.num_pending + info.num_ack_pending === 0;
    });
  });
});

/** Runs a command; resolves with its output, or rejects with its error. */
async function quittance(...args: string[]): Promise<string> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addDeadletters(program);
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text.toString();
    return true;
  });
  try {
    await program.parseAsync(['deadletters', ...args], { from: 'user' });
    return printed;
  } finally {
    write.mockRestore();
  }
}

describe('quittance deadletters', () => {
  let open: boolean;

  async function refuse(...numbers: number[]): Promise<DeadLetter[]> {
    open = false;
    start(notesAppliedIf(() => open));
    for (const [before, n] of numbers.entries()) {
      await publishMessage(servers.nc, servers.database.pool, { n }, { messageId: `note/${n}` });
      await untilLetters(before + 1);
    }
    return letters();
  }

  it('list shows them as text and as JSON, and does not consume them', async () => {
    expect(await quittance('list')).toBe('0 dead letters\n');
    await refuse(1, 2);
    const shown = await quittance('list');
    expect(shown).toContain('intake.test.note');
    expect(shown).toContain('there is no item 2');
    expect(shown).toMatch(/^2 dead letters$/m);
    const lines = (await quittance('list', '--json')).trim().split('\n');
    const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects.map(({ body, stream }) => ({ body, stream }))).toEqual([
      { body: '{"n":1}', stream: 'INTAKE' },
      { body: '{"n":2}', stream: 'INTAKE' },
    ]);
    expect(await quittance('list', '--stream', 'PAYMENTS')).toBe('0 dead letters\n');
    expect(await quittance('list', '--stream', 'INTAKE')).toContain('2 dead letters');
    expect(await letters()).toHaveLength(2);
    // Each list read with a consumer of its own: none is left to be counted as one that is behind.
    const manager = await servers.nc.jetstreamManager();
    expect(await manager.consumers.list('DEADLETTERS').next()).toEqual([]);
  });

  it('list writes nothing to the terminal but text, whoever published them', async () => {
    start();
    const found = headers();
    found.set('Nats-Msg-Id', 'an id \u001b[2J');
    found.set('Quittance-Epoch', String(await readEpoch(servers.database.pool)));
    servers.nc.publish('intake.test.escape', '{"n":"\u001b[31m"}\u0007', { headers: found });
    await untilLetters(1);
    const shown = await quittance('list');
    expect(shown).toContain('an id');
    expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('acknowledge takes them out of the list and the metrics, and keeps them with the reason', async () => {
    vi.stubEnv('DATABASE_URL', servers.database.url);
    const [first] = await refuse(1, 2);
    const registry = new Registry();
    registerStreamMetrics(registry, logger, await servers.nc.jetstreamManager());
    const shown = async (): Promise<string> => registry.metrics();
    await waitUntil('the gauge', async () => (await shown()).includes('quittance_dead_letters 2'));
    await expect(quittance('acknowledge', '999999', '--because', 'x')).rejects.toThrow(
      'no dead letter',
    );
    const seq = String(first?.seq);
    expect(await quittance('acknowledge', seq, '--because', 'a test sent it')).toBe(
      '1 acknowledged\n',
    );
    await waitUntil('the gauge', async () => (await shown()).includes('quittance_dead_letters 1'));
    expect(await quittance('list')).toMatch(/^1 dead letters$/m);
    const { rows } = await servers.database.pool.query(
      `select because, subject, convert_from(body, 'UTF8') as body from dead_letter_acknowledgements`,
    );
    expect(rows).toEqual([
      { because: 'a test sent it', subject: 'intake.test.note', body: '{"n":1}' },
    ]);
  });

  it('replay --all applies them once each and removes them', async () => {
    await refuse(1, 2, 3);
    open = true;
    expect(await quittance('replay', '--all')).toContain('3 replayed');
    await waitUntil(
      'they are applied',
      async () => (await written(servers.database.pool)).length === 3,
    );
    expect(await written(servers.database.pool)).toEqual([1, 2, 3]);
    expect(await letters()).toEqual([]);
    const again = (await messagesOf(servers.nc, 'INTAKE')).slice(3);
    const epoch = String(await readEpoch(servers.database.pool));
    expect(again.map(({ header }) => header('Quittance-Epoch'))).toEqual([epoch, epoch, epoch]);
  });

  it('replay of one leaves the others', async () => {
    const [, second] = await refuse(1, 2, 3);
    open = true;
    await quittance('replay', String(second?.seq));
    await waitUntil(
      'it is applied',
      async () => (await written(servers.database.pool)).length === 1,
    );
    expect(await written(servers.database.pool)).toEqual([2]);
    expect((await letters()).map(textOf)).toEqual(['{"n":1}', '{"n":3}']);
  });

  it('replay of a message that is refused again creates another letter', async () => {
    const [letter] = await refuse(1);
    await quittance('replay', '--all');
    const [again] = await waitUntil('it is refused again', async () => {
      const found = await letters();
      return found[0] !== undefined && found[0].seq !== letter?.seq ? found : undefined;
    });
    expect(again).toMatchObject({ subject: 'intake.test.note', stream: 'INTAKE' });
    expect(textOf(again)).toBe('{"n":1}');
    open = true;
    await quittance('replay', '--all');
    await waitUntil(
      'it is applied',
      async () => (await written(servers.database.pool)).length === 1,
    );
  });

  it('replay that is interrupted and repeated has its effect once', async () => {
    const [letter] = await refuse(1);
    open = true;
    const manager = await servers.nc.jetstreamManager();
    const interrupted = Object.assign(Object.create(manager.streams) as typeof manager.streams, {
      deleteMessage: () => Promise.reject(new Error('interrupted')),
    });
    if (letter === undefined) throw new Error('there is no letter');
    await expect(
      replayDeadLetter(servers.nc.jetstream(), { ...manager, streams: interrupted }, letter),
    ).rejects.toThrow('interrupted');
    await waitUntil(
      'it is applied',
      async () => (await written(servers.database.pool)).length === 1,
    );
    expect(await letters()).toHaveLength(1);
    // As if JetStream's own dedupe window had passed.
    await manager.streams.purge('INTAKE');
    await quittance('replay', '--all');
    expect(await letters()).toEqual([]);
    expect(await written(servers.database.pool)).toEqual([1]);
  });

  it.each([
    [['replay']],
    [['replay', '--all', '1']],
    [['replay', '17']],
    [['replay', 'seven']],
    [['list', '--stream', 'NOWHERE']],
  ])('%j changes nothing and fails', async (args) => {
    await refuse(1);
    await expect(quittance(...args)).rejects.toThrow();
    expect(await letters()).toHaveLength(1);
  });

  it('fails with the address when NATS is not there', async () => {
    vi.stubEnv('NATS_URL', 'nats://user:secret@127.0.0.1:1');
    try {
      await expect(quittance('list')).rejects.toThrow(/^NATS at nats:\/\/user:\*\*\*@127.0.0.1:1/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
