import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askForOpen } from '../../../../engine/incoming/reconcile.js';
import { ActionFixture } from '../actions/fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
beforeEach(() => fixture.pool.query(`update invoices set asked_at = 'infinity'`));
afterAll(() => fixture.close());

const ask = (everySeconds: number, limit = 100): Promise<number> =>
  askForOpen(fixture.pool, { everySeconds, limit });

const stateOf = async (id: string): Promise<string> => (await fixture.view(id)).state;

describe('asking the node for what is open', () => {
  it('finds a payment whose message was lost, long before the invoice expires', async () => {
    const { view } = await fixture.open(await fixture.account('lost'));
    await fixture.pay(view);
    await fixture.lose();
    expect(await ask(0)).toBe(1);
    await fixture.makeCalls({ actionId: view.id, attempt: 1 });
    expect(await stateOf(view.id)).toBe('PAID');
    expect(await ask(0)).toBe(0);
  });

  it('leaves an invoice open that nobody has paid', async () => {
    const { view } = await fixture.open(await fixture.account('waiting'));
    expect(await ask(0)).toBe(1);
    await fixture.makeCalls({ actionId: view.id, attempt: 1 });
    expect(await stateOf(view.id)).toBe('PENDING');
    await fixture.pay(view);
    await fixture.deliver();
    expect(await stateOf(view.id)).toBe('PAID');
  });

  it('asks again for the same one only after a while, and for the oldest first', async () => {
    const hashes: (string | undefined)[] = [];
    for (const name of ['first', 'second', 'third']) {
      const { view } = await fixture.open(await fixture.account(name));
      hashes.push(view.attempts[0]?.invoice?.hash);
    }
    expect(await ask(3_600)).toBe(0);
    expect(await ask(0, 2)).toBe(2);
    expect(await ask(3_600)).toBe(0);
    const { rows } = await fixture.pool.query<{ subject: string }>(
      `select subject from outbox where kind = 'look_up_invoice' and published_at is null order by id`,
    );
    expect(rows.map(({ subject }) => subject).sort()).toEqual(hashes.slice(0, 2).sort());
    // The calls are open still: no second row of one.
    await fixture.pool.query(`update invoices set asked_at = null where hash = any($1)`, [hashes]);
    expect(await ask(0)).toBe(1);
  });
});
