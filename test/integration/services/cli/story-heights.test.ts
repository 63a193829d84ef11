import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPayment } from '../../../../engine/operator/payment/read-payment.js';
import { storyLines } from '../../../../services/cli/action/story-lines.js';
import { Holders } from '../../engine/actions/holders.helper.js';
import { Wrapping } from '../../engine/actions/wrapping.helper.js';

let at: Wrapping;
let holders: Holders;

beforeAll(async () => {
  at = await Wrapping.create();
  holders = new Holders(at);
});
afterAll(() => at.fixture.close());

async function linesOf(id: string): Promise<string> {
  const { pool, engine } = at.fixture;
  const story = await readPayment({ pool, node: engine.node, payees: engine }, id);
  return storyLines(story, new Date()).join('\n');
}

it('the story of a payment tells the blocks left: of what is held, and of what is in flight', async () => {
  const view = await holders.held('told-by-height', 'hang');
  const { blockHeight } = await at.fixture.node.info();
  const invoice = await at.fixture.node.lookupInvoice(at.hashOf(view));
  const expiryHeight = invoice?.held?.expiryHeight ?? 0;
  const held = `until height ${expiryHeight} (${expiryHeight - blockHeight} blocks left)`;
  expect(expiryHeight).toBeGreaterThan(blockHeight);
  expect(await linesOf(view.id)).toContain(held);
  await holders.call('settle_invoice', at.hashOf(view));
  const { rows } = await at.fixture.pool.query<{ height: number }>(
    'select max_height as height from payments where hash = $1',
    [at.hashOf(view)],
  );
  const end = rows[0]?.height ?? 0;
  const text = await linesOf(view.id);
  expect(text).toContain(held);
  expect(text).toContain(`until height ${end} (${end - blockHeight} blocks left)`);
  expect(text).toContain('the node: in_flight');
  await at.fixture.wallets.decide('told-by-height', at.hashOf(view), 'succeed');
  await holders.call('send_payment', at.hashOf(view));
  await holders.call('settle_invoice', at.hashOf(view));
  expect(await linesOf(view.id)).toContain('the node: settled');
});
