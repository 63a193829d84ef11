import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addAction } from '../../../../services/cli/commands/action.js';
import { addMaintenance } from '../../../../services/cli/commands/maintenance.js';
import { openedAnswer } from '@quittance/sdk/answers';
import { toMsat } from '../../../../domain/money.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { readMaintenance } from '../../../../engine/maintenance-mode.js';
import { failureText } from '../../../../services/cli/run-command.js';
import { pay } from '../api/paying.helper.js';
import { ApiTester, type Headers } from '../api/tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
beforeEach(() => {
  const { databaseUrl, simulator, engine } = tester.api;
  vi.stubEnv('DATABASE_URL', databaseUrl);
  vi.stubEnv('QUITTANCE_LIGHTNING_URL', simulator.url);
  vi.stubEnv('QUITTANCE_SECRET', engine.secret);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await tester.api.simulator.control.clearFaults();
});
afterAll(() => tester.close());

/** Runs a command as from a shell; what it printed. */
async function quittance(...args: string[]): Promise<string> {
  const program = new Command('quittance')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  addAction(program);
  addMaintenance(program);
  for (const command of program.commands) for (const sub of command.commands) sub.exitOverride();
  const printed: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  try {
    await program.parseAsync(['node', 'quittance', ...args]);
  } finally {
    write.mockRestore();
  }
  return printed.join('');
}

async function failureOf(...args: string[]): Promise<string> {
  const failure: unknown = await quittance(...args).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  return failureText(failure, false);
}

const newest = async (id: string, headers: Headers) =>
  (await tester.get(`/v1/actions/${id}`, headers)).json;

describe('quittance action show', () => {
  it('says the state first, then money, then times, and what the node says', async () => {
    const author = await tester.account(0n, 'writer');
    const { id, attempts } = await tester.open(author);
    const text = await quittance('action', 'show', id.toUpperCase());
    const lines = text.split('\n');
    expect(lines[0]).toBe(`PENDING  action ${id}`);
    expect(lines[1]).toMatch(/^ITEM_CREATE, 1 sat, by writer, opened 20/);
    expect(lines[2]).toMatch(/^due .* \(in \d+ s\)$/);
    const places = [
      'attempt 1: PENDING, optimistic',
      'planned',
      'the node: open',
      'invoice_created',
    ];
    const found = places.map((place) => text.indexOf(place));
    expect(found.every((place) => place > 0)).toBe(true);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    await pay(tester, attempts[0]?.invoice?.bolt11);
    expect((await quittance('action', 'show', `action/${id}/1`)).split('\n')[0]).toBe(
      `PAID  action ${id}`,
    );
  });

  it('gives one JSON object to programs', async () => {
    const { id } = await tester.open(await tester.account());
    const story: unknown = JSON.parse(await quittance('action', 'show', id, '--json'));
    expect(story).toMatchObject({ id, state: 'PENDING', costMsat: '1000' });
  });

  it('says that the node did not answer', async () => {
    const { id } = await tester.open(await tester.account());
    vi.stubEnv('QUITTANCE_LIGHTNING_URL', 'http://127.0.0.1:1');
    expect(await quittance('action', 'show', id)).toContain('the node: DID NOT ANSWER');
  });

  it('fails for what is no id, and for an id of nothing', async () => {
    const nothing = randomUUID();
    expect(await failureOf('action', 'show', nothing)).toContain(
      `there is no action and no order ${nothing}`,
    );
    expect(await failureOf('action', 'show', 'nonsense')).toContain('not the id of an action');
  });
});

describe('quittance action cancel and retry', () => {
  it('cancel with a reason of their own, and retry by an invoice that is printed', async () => {
    const author = await tester.account(50_000n);
    const { id } = await tester.open(author, {
      ...{ type: 'ITEM_CREATE', args: { title: 'to be cancelled' }, payment: 'invoice' },
    });
    expect(await quittance('action', 'cancel', id)).toBe('attempt 1: FAILED (SYSTEM_CANCELLED)\n');
    const [state, bolt11] = (await quittance('action', 'retry', id.toUpperCase())).split('\n');
    expect(state).toBe('attempt 2: PENDING');
    // The author's credits would have covered it.
    const me = await tester.get('/v1/accounts/me', author);
    expect(me.json).toMatchObject({ creditsMsat: '50000' });
    await pay(tester, bolt11);
    expect(await newest(id, author)).toMatchObject({ state: 'PAID' });
    expect(await failureOf('action', 'retry', id)).toContain('action.not_retryable');
    expect(await failureOf('action', 'cancel', id)).toContain('action.not_cancellable');
    expect(await failureOf('action', 'cancel', randomUUID())).toContain('action.not_found');
  });

  it('say so where the node does not answer', async () => {
    const { id } = await tester.open(await tester.account());
    await tester.api.simulator.control.setFaults({
      rules: [{ operation: 'cancel_invoice', effect: 'unavailable' }],
    });
    const said = await quittance('action', 'cancel', id);
    expect(said).toContain('attempt 1: CANCELLING (SYSTEM_CANCELLED)');
    expect(said).toContain('the node has not answered yet');
  });

  it('refuse to retry with another secret than the other processes have', async () => {
    const author = await tester.account();
    const { id } = await tester.failed(author);
    vi.stubEnv('QUITTANCE_SECRET', 'another secret of 32 characters or more');
    expect(await failureOf('action', 'retry', id)).toContain('QUITTANCE_SECRET is not the one');
    expect(await newest(id, author)).toMatchObject({ state: 'FAILED' });
  });
});

describe('quittance action decide', () => {
  it('says what became of a payment that the node has forgotten', async () => {
    const { simulator, engine } = tester.api;
    const saver = await tester.account(0n, 'saver');
    const grant = { asset: 'SATS', amountMsat: '1000000', reason: 'a test' };
    await tester.post('/v1/accounts/saver/credits', grant, tester.operator);
    await simulator.wallets.open('far', toMsat(0n));
    const asked = { amountMsat: toMsat(50_000n), expirySeconds: 600, memo: 'far' };
    const { bolt11, hash } = await simulator.wallets.createInvoice('far', asked, 'hang');
    const opened = await tester.post('/v1/withdrawals', { bolt11 }, saver);
    const { id } = openedAnswer.parse(opened.json);
    const pays = () => makeCall(engine, 'send_payment', hash).catch(() => undefined);
    await pays();
    expect(await failureOf('action', 'decide', id, '--failed')).toContain('is in_flight');
    await simulator.wallets.decide('far', hash, 'succeed');
    const { preimage = '' } = (await engine.node.lookupPayment(hash)) ?? {};
    await simulator.control.forget(hash);
    await pays();
    expect(await quittance('action', 'show', id)).toMatch(/send 1 by .*: in_flight/);
    expect(await failureOf('action', 'decide', id)).toContain('either --failed or --preimage');
    const args = ['--preimage', preimage, '--fee-msat', '1000'];
    expect(await quittance('action', 'decide', id, ...args)).toContain('has succeeded');
    expect(await newest(id, saver)).toMatchObject({ state: 'PAID' });
  });
});

describe('quittance maintenance', () => {
  it('turns the mode on and off, and retries say that it is on', async () => {
    const { id } = await tester.failed(await tester.account());
    await quittance('maintenance', 'on', '--because', 'the node is moved');
    expect(await readMaintenance(tester.api.pool)).toMatchObject({ because: 'the node is moved' });
    expect(await failureOf('action', 'retry', id)).toContain('service.maintenance');
    expect(await quittance('maintenance', 'off')).toContain('it was on since');
    expect(await quittance('maintenance', 'off')).toContain('it was off');
    expect(await quittance('action', 'retry', id)).toContain('attempt 2: PENDING');
  });
});
