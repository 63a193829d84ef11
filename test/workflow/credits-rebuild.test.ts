import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readBalance } from '../../engine/credits/read-balance.js';
import { checkVerified } from '../../engine/credits/rebuild/generation.js';
import { ActionFixture } from '../integration/engine/actions/fixture.helper.js';
import { keepHistory, type RebuildStart, WorkflowFixture } from './workflow-fixture.helper.js';

/** Ranges of a thousand addresses, four at once: two rounds. */
const ADDRESSES = 5500;

let actions: ActionFixture;
let workflows: WorkflowFixture;

beforeAll(async () => {
  actions = await ActionFixture.create();
  workflows = await WorkflowFixture.create(actions);
});
afterAll(async () => {
  await workflows.close();
  await actions.close();
});

const query = async (sql: string): Promise<unknown> => (await actions.pool.query(sql)).rows;
const aleph = (dryRun: boolean): RebuildStart => ({ ledger: 'aleph', dryRun });

/** As a dump that is loaded: the history alone. */
beforeEach(async () => {
  await query(
    `alter table credit_history disable trigger credit_history_no_truncate;
     truncate credit_history, credit_lots, credit_past_lots, credit_drains, credit_shortfalls, credit_accounts`,
  );
  await query(
    `insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
     select 'aleph', 'grants', i, 'address-' || lpad(i::text, 5, '0'), 10, now() from generate_series(1, ${ADDRESSES}) i
     union all
     select 'aleph', 'debits', i, 'address-' || lpad(i::text, 5, '0'), -3, now() from generate_series(1, ${ADDRESSES}) i`,
  );
});

describe('creditsRebuild', () => {
  it('rebuilds all lots, and marks the ledger as verified', async () => {
    await expect(checkVerified(actions.pool)).rejects.toThrow('aleph');
    const handle = await workflows.startRebuild(aleph(false));
    expect(await handle.result()).toMatchObject({
      ...{ addresses: ADDRESSES, rows: 2 * ADDRESSES, differed: ADDRESSES, verified: true },
    });
    expect(await query('select count(*), sum(remaining) from credit_lots')).toEqual([
      { count: BigInt(ADDRESSES), sum: String(7 * ADDRESSES) },
    ]);
    await expect(checkVerified(actions.pool)).resolves.toBeUndefined();
    await keepHistory(handle, 'credits-rebuild');
  });

  it('dry, writes nothing, names what differs, and verifies only what does not', async () => {
    await (await workflows.startRebuild(aleph(false))).result();
    await query(
      `update credit_lots set remaining = 1 where address in ('address-00002', 'address-05000')`,
    );
    const handle = await workflows.startRebuild(aleph(true));
    expect(await handle.result()).toMatchObject({
      ...{ addresses: ADDRESSES, differed: 2, differing: ['address-00002', 'address-05000'] },
      verified: false,
    });
    expect(await readBalance(actions.pool, 'aleph', 'address-00002')).toBe(1n);
    await query(`update credit_lots set remaining = 7 where remaining = 1`);
    const again = await workflows.startRebuild(aleph(true));
    expect(await again.result()).toMatchObject({ differed: 0, verified: true });
    await keepHistory(handle, 'credits-rebuild-dry');
  });

  it('goes on where it handed over to itself, and does not verify a history that changed since', async () => {
    const before = {
      ...{ after: 'address-05000', addresses: 5000, rows: 10_000, differed: 4999, differing: [] },
      generation: '0',
    };
    const handle = await workflows.startRebuild(aleph(false), before);
    expect(await handle.result()).toMatchObject({
      ...{ addresses: ADDRESSES, rows: 2 * ADDRESSES, differed: 5499, verified: false },
    });
    expect(await query('select min(address) from credit_lots')).toEqual([{ min: 'address-05001' }]);
  });

  it('started with anything else fails and is not tried again', async () => {
    const handle = await workflows.startRebuild({ ledger: 'none', dryRun: false });
    const failure: unknown = await handle.result().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect(failure).toMatchObject({ cause: { cause: { type: 'request.invalid' } } });
  });

  it('fails where the postings refuse what the history says, and names the account', async () => {
    const account = await actions.account('rich', 1000n);
    await actions.pool.query(
      `insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
       values ('actions', 'from nowhere', 0, $1, 5, now())`,
      [account.id],
    );
    const handle = await workflows.startRebuild({ ledger: 'actions', dryRun: false });
    const failure: unknown = await handle.result().catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { cause: { type: 'credits.books_differ' } } });
    await expect(checkVerified(actions.pool)).rejects.toThrow('actions');
  });
});
