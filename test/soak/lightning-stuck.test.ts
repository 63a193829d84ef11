import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokenRules } from '../support/books.js';
import { heldInBrokenLink } from './lightning/broken-link.js';
import { heldTooLong, startKeeper } from './lightning/held-too-long.js';
import { type OnLnd, startOnLnd } from './lightning/start.js';

let on: OnLnd;
beforeAll(async () => void (on = await startOnLnd(3_600)));
afterAll(() => on.stop());

const say = (what: string, figures: object): void =>
  void process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`);

it('lnd fails a link for good: what is held in it is settled once its channel is closed by force, and another channel goes on', async () => {
  const found = await heldInBrokenLink(on.system, on.network);
  say('over a link that has failed', found);
  expect(found).toEqual({ isBroken: true, state: 'PAID', atPayer: 'SUCCEEDED' });
  expect(await brokenRules(on.system.pool)).toEqual([]);
});

it('a payee keeps what is forwarded to it, until its HTLC is over: the payer has the money back in time', async () => {
  const keeper = await startKeeper(on.system, on.network);
  try {
    for (const payeeIsAway of [false, true]) {
      const found = await heldTooLong(on.system, on.network, keeper, payeeIsAway);
      say(`kept by a payee that is ${payeeIsAway ? 'away' : 'there'}`, {
        ...found,
        losses: String(found.losses),
      });
      expect(found).toMatchObject({ state: 'FAILED', atPayer: 'FAILED', sends: 1, losses: 0n });
      expect(found.pastMaxHeight).toBeLessThanOrEqual(0);
      // lnd gives what is held back with 18 left.
      expect(found.blocksLeft).toBeGreaterThanOrEqual(80);
    }
  } finally {
    await keeper.close();
  }
  expect(await brokenRules(on.system.pool)).toEqual([]);
});
