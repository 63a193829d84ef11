import { afterAll, beforeAll, expect, it } from 'vitest';
import { takeNodeCalls } from '../../../../services/relay/outbox/node/take-calls.js';
import { brokenRules } from '../../../support/books.js';
import { Holders } from './holders.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;
let holders: Holders;

beforeAll(async () => {
  at = await Wrapping.create();
  holders = new Holders(at);
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

it('whoever has paid the payee settles: relays leave that call alone, and make it when the lease is over', async () => {
  const view = await holders.held('settled-by-its-sender', 'succeed');
  const hash = at.hashOf(view);
  const sender = await holders.stopped('settleInvoice', () => holders.call('settle_invoice', hash));
  expect(await holders.stateOf(view)).toBe('FORWARDED');
  const taken = async (): Promise<string[]> => {
    const calls = await takeNodeCalls(
      at.fixture.pool,
      { settling: 16, others: 16, all: 16 },
      false,
    );
    return calls.flatMap((call) => (call.hash === hash ? [call.kind] : []));
  };
  expect(await taken()).toEqual([]);
  await at.fixture.pool.query(
    `update outbox set leased_until = leased_until - interval '5 seconds' where subject = $1`,
    [hash],
  );
  expect(await taken()).toEqual(['settle_invoice']);
  await holders.call('settle_invoice', hash);
  expect(await holders.stateOf(view)).toBe('PAID');
  await sender.goOn();
  expect([await holders.stateOf(view), await holders.losses(view)]).toEqual(['PAID', 0]);
});
