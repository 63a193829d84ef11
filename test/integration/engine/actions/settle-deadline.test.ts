import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;
beforeAll(async () => {
  at = await Wrapping.create();
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

/** As if the chain was so far when the node is asked before a settle; `asked`: how often it is asked before that. */
async function settleWithLeft(hash: string, blocks: number, asked = 0): Promise<void> {
  const { node } = at.fixture;
  const { info } = node;
  const held = (await node.lookupInvoice(hash))?.held;
  let before = asked;
  node.info = async () => {
    const now = await info();
    before -= 1;
    return before < 0 ? { ...now, blockHeight: (held?.expiryHeight ?? 0) - blocks } : now;
  };
  try {
    await at.call('settle_invoice', hash);
  } finally {
    node.info = info;
  }
}

describe('held money', () => {
  it.each([
    [18, 'FAILED', 'failed', 0],
    [19, 'PAID', 'succeeded', 4],
  ])('with %i blocks left ends as %s', async (blocks, state, atPayer, legs) => {
    const { itemId } = await at.payee();
    const view = await at.zap(itemId);
    await at.fixture.pay(view);
    await at.fixture.deliver();
    const hash = at.hashOf(view);
    await settleWithLeft(hash, blocks);
    await at.fixture.deliver();
    await at.fixture.drive(view.id);
    expect((await at.fixture.view(view.id)).state).toBe(state);
    expect(await at.fixture.wallets.findPayment('payer', hash)).toMatchObject({ state: atPayer });
    expect(await at.fixture.count('legs where action_id = $1 and actual_msat > 0', [view.id])).toBe(
      legs,
    );
  });

  it.each([
    [0, 1],
    [1, 0],
  ])('of a payee who was paid is settled until the last block: %i left', async (blocks, losses) => {
    const wallet = `paid-${blocks}`;
    const { itemId } = await at.payee(wallet);
    const view = await at.zap(itemId);
    const hash = at.hashOf(view);
    await at.fixture.pay(view);
    await at.fixture.deliver();
    // One call pays the payee, for which it asks for the height, and settles.
    await settleWithLeft(hash, blocks, 1);
    expect(await at.received(wallet)).toBe(700_000n);
    await at.fixture.deliver();
    await at.fixture.drive(view.id);
    expect((await at.fixture.view(view.id)).state).toBe('PAID');
    const lost = `legs where action_id = $1 and kind = 'LOSS'`;
    expect(await at.fixture.count(lost, [view.id])).toBe(losses);
  });
});
