import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minBid, otaBytes } from '../../../../../domain/transmissions/bid.js';
import { sats } from '../../../../../services/api/pages/parts/money.js';
import type { ApiTester } from '../tester.helper.js';
import { startPages, Visitor } from './pages.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await startPages();
});
afterAll(() => tester.close());

const FIELDS = { text: 'hello from orbit', perByte: '2', region: '0', step: 'open' };

describe('a message to be sent', () => {
  it.each([
    ['has no text', { text: '' }],
    ['has a character that no text has', { text: 'a\0b' }],
    ['has no region', { region: '' }],
    ['has a region that there is not', { region: '6' }],
    ['has a bid that is no number', { perByte: 'much' }],
    ['has a bid below nothing', { perByte: '-1' }],
  ])('is refused where it %s, and nothing is changed', async (_what, changed) => {
    const before = await tester.fingerprint();
    const { status, text } = await new Visitor(tester).post('/satellite', {
      ...FIELDS,
      ...changed,
    });
    expect(status).toBe(400);
    expect(text).toContain('id="per-byte"');
    expect(await tester.fingerprint()).toEqual(before);
  });

  it('costs what is taken at least, however little was bid', async () => {
    const before = await tester.fingerprint();
    const visitor = new Visitor(tester);
    const quote = { ...FIELDS, step: 'quote' };
    const least = minBid(FIELDS.text.length, tester.api.engine.limits);
    const low = await visitor.post('/satellite', { ...quote, perByte: '0' });
    expect(low.text).toContain(`This costs ${sats(least)}.`);
    const more = await visitor.post('/satellite', { ...quote, perByte: '1000,5' });
    const asked = BigInt(Math.ceil(1000.5 * otaBytes(FIELDS.text.length)));
    expect(more.text).toContain(`This costs ${sats(asked)}.`);
    expect(await tester.fingerprint()).toEqual(before);
  });

  it('is one order, however often its form is sent', async () => {
    const visitor = new Visitor(tester);
    await visitor.get('/satellite');
    const key = randomUUID();
    const before = await tester.count('orders');
    const answers = [];
    for (let n = 0; n < 2; n += 1) {
      answers.push(await visitor.post('/satellite', { ...FIELDS, key }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await tester.count('orders')).toBe(before + 1);
  });
});

describe('the queue', () => {
  it.each([
    ['1', 200],
    ['4', 200],
    ['3', 403],
    ['2', 403],
    ['x', 400],
  ])('of channel %s is answered with %d', async (channel, status) => {
    expect((await new Visitor(tester).get(`/satellite?channel=${channel}`)).status).toBe(status);
  });
});
