import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionFixture } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(() => fixture.close());

describe('the schema refuses', () => {
  it('an entry that does not sum to zero per asset, and what is added to one later', async () => {
    const oneSided = `with e as (insert into entries (key) values ('one-sided') returning id)
      insert into postings (entry_id, ledger_account_id, amount_msat)
      select e.id, a.id, case a.system when 'outside' then -5 else 5 end
      from e, ledger_accounts a where a.system in ('outside', 'pool')`;
    await expect(fixture.pool.query(oneSided)).rejects.toThrow('does not balance');

    await fixture.account('rich', 7_000n);
    const more = `insert into postings (entry_id, ledger_account_id, amount_msat)
      select e.id, a.id, 5 from entries e, ledger_accounts a where a.system = 'claims'`;
    await expect(fixture.pool.query(more)).rejects.toThrow('does not balance');
  });

  it.each([
    ['a leg that is not planned for, of an attempt that is over', `'refund', 'MORE', null, 5`],
    ['a plan that is more than the cost', `'in', 'MORE', 5, null`],
  ])('%s', async (name, leg) => {
    const author = await fixture.account(`author-${name.length}`);
    await fixture.paidPost(author);
    const add = `insert into legs (n, action_id, attempt, side, kind, asset, ledger_account_id, planned_msat, actual_msat)
      select 99, t.action_id, t.attempt, l.side, l.kind, 'SATS', a.id, l.planned, l.actual
      from attempts t cross join (values (${leg})) l (side, kind, planned, actual)
      join ledger_accounts a on a.system = 'pool' and a.asset = 'SATS'`;
    await expect(
      fixture.pool.query(
        add.replace('null, 5', 'null::bigint, 5').replace('5, null', '5, null::bigint'),
      ),
    ).rejects.toThrow(/add up|more has left/);
  });

  it('to change what has moved, or a plan that was shown', async () => {
    const { view } = await fixture.open(await fixture.account('planner'), { payment: 'invoice' });
    for (const change of ['planned_msat = planned_msat + 1', `kind = 'OTHER'`, 'hash = null']) {
      const sql = `update legs set ${change} where action_id = $1`;
      await expect(fixture.pool.query(sql, [view.id])).rejects.toThrow('is fixed');
    }
    await expect(
      fixture.pool.query('delete from legs where action_id = $1', [view.id]),
    ).rejects.toThrow('is fixed');
    await fixture.pay(view);
    await fixture.deliver();
    const moved = 'update legs set actual_msat = actual_msat + 1 where action_id = $1';
    await expect(fixture.pool.query(moved, [view.id])).rejects.toThrow('is fixed');
  });

  it('an attempt that ends without its money', async () => {
    const author = await fixture.account('somebody');
    await fixture.open(author, { payment: 'invoice' });
    const end = `update attempts set state = 'PAID', performed = true, deadline_at = null, due_at = null
      where state = 'PENDING'`;
    await expect(fixture.pool.query(end)).rejects.toThrow('does not add up');
  });

  it('an invoice that received what no leg tells of', async () => {
    const { view } = await fixture.open(await fixture.account('receiver'), { payment: 'invoice' });
    const settle = `update invoices set state = 'settled', received_msat = amount_msat where action_id = $1`;
    await expect(fixture.pool.query(settle, [view.id])).rejects.toThrow('no leg tells of');
  });

  it('a payment hash with two owners', async () => {
    const { view } = await fixture.open(await fixture.account('owner-of-hash'), {
      payment: 'invoice',
    });
    const steal = `insert into payment_hashes (hash, payable) select hash, 'order/x' from invoices where action_id = $1`;
    await expect(fixture.pool.query(steal, [view.id])).rejects.toThrow('payment_hashes_pkey');
  });
});
