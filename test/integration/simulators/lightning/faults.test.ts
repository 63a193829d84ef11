import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LightningPort } from '../../../../adapters/lightning/port.js';
import { SimulatorNode } from '../../../../adapters/lightning/simulator-client/simulator-node.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  errorOf,
  type Fixture,
  held,
  newSecret,
  nodeFixture,
  ordinary,
  SATS,
  sending,
  stateOf,
} from './fixture.helper.js';

let fixture: Fixture;
beforeEach(async () => void (fixture = await nodeFixture({ timeoutMs: 400 })));
afterEach(() => fixture.close());

const { hash, preimage } = newSecret();

const WRITES: [string, (node: LightningPort) => Promise<unknown>][] = [
  [
    'create_invoice',
    (node) =>
      node.createInvoice({ kind: 'ordinary', amountMsat: SATS(1), expirySeconds: 60, memo: '' }),
  ],
  ['settle_invoice', (node) => node.settleInvoice(preimage)],
  ['cancel_invoice', (node) => node.cancelInvoice(hash)],
  ['send_payment', (node) => node.sendPayment(sending({ bolt11: 'lnbcrt1', hash }))],
];
const READS: typeof WRITES = [
  ['lookup_invoice', (node) => node.lookupInvoice(hash)],
  ['lookup_payment', (node) => node.lookupPayment(hash)],
  ['decode', (node) => node.decode('lnbcrt1')],
];
const ALL = [...WRITES, ...READS];

describe.each(ALL)('%s', (_, call) => {
  test.each([
    [
      'refuse',
      { effect: 'refuse' as const, code: 'invoice_expired' as const },
      'refused invoice_expired',
    ],
    ['unavailable', { effect: 'unavailable' as const }, 'unavailable'],
  ])('switched to %s', async (_effect, effect, expected) => {
    await fixture.sim.control.setFaults({ rules: [{ operation: 'any', ...effect }] });
    expect(await errorOf(call(fixture.sim.node))).toBe(expected);
  });

  test('after the node was stopped', async () => {
    await fixture.sim.stop();
    expect(await errorOf(call(fixture.sim.node))).toBe('unavailable');
    await fixture.restart();
  });
});

const NO_ANSWER = [
  { effect: 'slow', ms: 60_000 },
  { effect: 'cut' },
  { effect: 'lose_answer' },
  { effect: 'late', ms: 60_000, answer: 'cut' },
] as const;

describe.each(NO_ANSWER)('no answer: $effect', (effect) => {
  beforeEach(() => fixture.sim.control.setFaults({ rules: [{ operation: 'any', ...effect }] }));

  test.each(WRITES)('leaves the outcome of %s unknown', async (_, call) => {
    expect(await errorOf(call(fixture.sim.node))).toBe('unknown');
  });

  test.each(READS)('makes %s unavailable', async (_, call) => {
    expect(await errorOf(call(fixture.sim.node))).toBe('unavailable');
  });
});

describe('a lost answer', () => {
  test('is that of a successful operation', async () => {
    const parked = await held(fixture);
    await fixture.sim.control.setFaults({
      rules: [{ operation: 'settle_invoice', effect: 'lose_answer', times: 1 }],
    });
    expect(await errorOf(fixture.sim.node.settleInvoice(parked.preimage))).toBe('unknown');
    expect(await stateOf(fixture, parked.hash)).toBe('settled');
    // A second call shows the outcome.
    await fixture.sim.node.settleInvoice(parked.preimage);
  });

  test('of a creation: the invoice is found by its hash', async () => {
    await fixture.sim.control.setFaults({
      rules: [{ operation: 'create_invoice', effect: 'lose_answer', times: 1 }],
    });
    const secret = newSecret();
    expect(await errorOf(ordinary(fixture, { preimage: secret.preimage }))).toBe('unknown');
    expect(await errorOf(ordinary(fixture, { preimage: secret.preimage }))).toBe(
      'refused duplicate_hash',
    );
    expect(await stateOf(fixture, secret.hash)).toBe('open');
  });
});

describe('a late operation', () => {
  test.each(['unavailable', 'cut'] as const)('happens later (%s)', async (answer) => {
    const secret = newSecret();
    await fixture.sim.control.setFaults({
      rules: [{ operation: 'create_invoice', effect: 'late', ms: 300, answer, times: 1 }],
    });
    const expected = answer === 'cut' ? 'unknown' : 'unavailable';
    expect(await errorOf(ordinary(fixture, { preimage: secret.preimage }))).toBe(expected);
    expect(await stateOf(fixture, secret.hash)).toBeUndefined();
    await waitUntil('the invoice', () => stateOf(fixture, secret.hash));
  });

  test('does not happen when the node stops first', async () => {
    const secret = newSecret();
    await fixture.sim.control.setFaults({
      rules: [{ operation: 'create_invoice', effect: 'late', ms: 60_000, answer: 'cut' }],
    });
    expect(await errorOf(ordinary(fixture, { preimage: secret.preimage }))).toBe('unknown');
    await fixture.restart();
    expect(await stateOf(fixture, secret.hash)).toBeUndefined();
  });
});

describe('fault switches', () => {
  test('a slow node answers a caller with a long timeout', async () => {
    await fixture.sim.control.setFaults({ rules: [{ operation: 'any', effect: 'slow', ms: 150 }] });
    const asked = Date.now();
    await ordinary(fixture);
    expect(Date.now() - asked).toBeGreaterThanOrEqual(145);
  });

  test('apply at random, identically for the same seed', async () => {
    const run = async (seed: number) => {
      await fixture.sim.control.setFaults({
        seed,
        rules: [{ operation: 'lookup_invoice', effect: 'unavailable', probability: 0.5 }],
      });
      const calls = Array.from({ length: 16 }, () => () => fixture.sim.node.lookupInvoice(hash));
      let outcome = '';
      for (const call of calls)
        outcome += await call().then(
          () => '.',
          () => 'x',
        );
      return outcome;
    };
    const [one, again, other] = [await run(7), await run(7), await run(8)];
    expect(again).toBe(one);
    expect(other).not.toBe(one);
    expect(new Set(one)).toEqual(new Set(['.', 'x']));
  });

  test('are off after clearing them, and after a restart', async () => {
    const rules = [{ operation: 'any' as const, effect: 'unavailable' as const }];
    await fixture.sim.control.setFaults({ rules });
    await fixture.sim.control.clearFaults();
    await ordinary(fixture);
    await fixture.sim.control.setFaults({ rules });
    await fixture.restart();
    await ordinary(fixture);
  });

  test('refuse unknown faults', async () => {
    const wrong = fetch(new URL('/control/faults', fixture.sim.url), {
      method: 'PUT',
      body: JSON.stringify({ rules: [{ operation: 'any', effect: 'explode' }] }),
      headers: { 'content-type': 'application/json' },
    });
    expect((await wrong).status).toBe(400);
  });
});

describe('a server that is not a node', () => {
  let impostor: Server;
  const answering = (answer: string): Promise<SimulatorNode> =>
    new Promise((resolve) => {
      impostor = createServer((socket) => socket.once('data', () => socket.end(answer)));
      impostor.listen(0, '127.0.0.1', () => {
        const address = impostor.address();
        const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
        resolve(new SimulatorNode({ url: `http://127.0.0.1:${port}`, timeoutMs: 400 }));
      });
    });
  afterEach(() => void impostor.close());

  test('does not look like a node without that invoice', async () => {
    const node = await answering('HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno');
    expect(await errorOf(node.lookupInvoice(hash))).toBe('unavailable');
    expect(await errorOf(node.cancelInvoice(hash))).toBe('unknown');
  });

  test('does not look like a node that did it', async () => {
    const node = await answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    expect(await errorOf(node.settleInvoice(preimage))).toBe('unknown');
    expect(await errorOf(node.lookupInvoice(hash))).toBe('unavailable');
  });
});
