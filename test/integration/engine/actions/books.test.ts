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

  it('payments that do not add up, for an attempt that is over', async () => {
    const author = await fixture.account('author');
    await fixture.paidPost(author);
    for (const rows of [`('in', 'issued', 5)`, `('in', 'issued', 5), ('out', 'pool', 5)`]) {
      const pay = `insert into attempt_payments (action_id, attempt, direction, kind, ledger_account_id, amount_msat)
        select t.action_id, t.attempt, d.direction, 'CREDITS', a.id, d.msat
        from attempts t cross join (values ${rows}) d (direction, system, msat)
        join ledger_accounts a on a.system = d.system and a.asset = 'CREDITS'`;
      await expect(fixture.pool.query(pay)).rejects.toThrow('does not add up');
    }
  });

  it('an attempt that ends without its payments', async () => {
    const author = await fixture.account('somebody');
    await fixture.open(author, { payment: 'invoice' });
    const end = `update attempts set state = 'PAID', performed = true, deadline_at = null, due_at = null, lease_until = null
      where state = 'PENDING'`;
    await expect(fixture.pool.query(end)).rejects.toThrow('does not add up');
  });
});
