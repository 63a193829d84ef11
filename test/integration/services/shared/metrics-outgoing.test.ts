import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerOutgoingMetrics } from '../../../../services/shared/metrics-outgoing.js';
import { waitUntil } from '../../../support/wait-until.js';
import { Holders } from '../../engine/actions/holders.helper.js';
import { Wrapping } from '../../engine/actions/wrapping.helper.js';

let at: Wrapping;
let holders: Holders;
let registry: Registry;

beforeAll(async () => {
  at = await Wrapping.create();
  holders = new Holders(at);
  registry = new Registry();
  registerOutgoingMetrics(registry, pino({ level: 'silent' }), at.fixture.pool);
});
afterAll(() => at.fixture.close());

/** Names of those that are above 0; undefined while PostgreSQL has not answered within a scrape. */
async function above0(): Promise<readonly string[]> {
  return waitUntil('a scrape', async () => {
    const text = await registry.metrics();
    const samples = text.split('\n').filter((line) => line.startsWith('quittance_'));
    const values = samples.map((line) => line.split(' ') as [string, string]);
    if (values.length === 0 || values.some(([, value]) => value === 'Nan')) return undefined;
    return values.filter(([, value]) => Number(value) > 0).map(([name]) => name);
  });
}

it('money that is held, and payments that are in flight, are told by their age', async () => {
  expect(await above0()).toEqual([]);
  const view = await holders.held('measured', 'hang');
  expect(await holders.stateOf(view)).toBe('HELD');
  expect(await above0()).toEqual(['quittance_held_seconds']);
  await holders.call('settle_invoice', at.hashOf(view));
  expect(await holders.stateOf(view)).toBe('FORWARDING');
  expect(await above0()).toEqual(['quittance_payment_in_flight_seconds']);
  await at.fixture.wallets.decide('measured', at.hashOf(view), 'succeed');
  await holders.call('send_payment', at.hashOf(view));
  await holders.call('settle_invoice', at.hashOf(view));
  expect(await holders.stateOf(view)).toBe('PAID');
  expect(await above0()).toEqual([]);
});
