import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toMsat } from '../../../../domain/money.js';
import { withdrawNextExcess } from '../../../../engine/actions/outgoing/auto-withdrawal.js';
import { transact } from '../../../../engine/context.js';
import {
  readAutoWithdrawal,
  setAutoWithdrawal,
} from '../../../../engine/payouts/auto-withdrawals.js';
import { turnMaintenanceOff, turnMaintenanceOn } from '../../../../engine/maintenance-mode.js';
import { brokenRules } from '../../../support/books.js';
import { Withdrawing, type Account } from './withdrawing.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;
let withdrawing: Withdrawing;

beforeAll(async () => {
  at = await Wrapping.create();
  withdrawing = await Withdrawing.on(at.fixture, 'saver');
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

/** An account with sats, wallets and a threshold. */
async function saver(msat: bigint, threshold: bigint, ...wallets: string[]): Promise<Account> {
  const account = await withdrawing.rich(msat);
  await at.addWallets(account, wallets);
  await set(account, threshold);
  return account;
}

async function set(account: Account, threshold: bigint): Promise<void> {
  await transact(at.fixture.engine, (tx) => setAutoWithdrawal(tx, account.id, toMsat(threshold)));
}

const failureOf = async (account: Account): Promise<string | null> =>
  (await readAutoWithdrawal(at.fixture.pool, account.id)).failure;

/** As often as there is something to do. */
async function run(): Promise<void> {
  for (let n = 0; n < 10; n += 1) if (!(await withdrawNextExcess(at.fixture.engine))) return;
  throw new Error('it does not end');
}

/** The account's auto-withdrawals, oldest first. */
async function opened(account: Account): Promise<{ id: string; state: string }[]> {
  const { rows } = await at.fixture.pool.query<{ id: string; state: string }>(
    `select s.id, a.state from actions s join attempts a on a.action_id = s.id
     where s.actor = $1 and s.type = 'AUTO_WITHDRAWAL' order by s.created_at`,
    [account.id],
  );
  return rows;
}

async function later(account: Account, seconds: number): Promise<void> {
  await at.fixture.pool.query(
    `with moved as (update attempts set changed_at = changed_at - $2 * interval '1 second' where payer = $1)
     update auto_withdrawals set not_before = not_before - $2 * interval '1 second' where account = $1`,
    [account.id, seconds],
  );
}

describe('sats above a threshold', () => {
  it('leave to a wallet of the account; the threshold stays, and what routing did not cost', async () => {
    const account = await saver(2_000_000n, 1_000_000n, 'saved');
    await run();
    const [{ id } = { id: '' }] = await opened(account);
    await at.fixture.drive(id);
    expect(await opened(account)).toMatchObject([{ state: 'PAID' }]);
    expect(await at.received('saved')).toBe(990_000n);
    expect(await withdrawing.sats(account)).toBe(1_009_000n);
    await run();
    expect(await opened(account)).toHaveLength(1);
  });

  it.each<[string, bigint, bigint, number]>([
    ['a tenth of the threshold', 2_200_000n, 2_000_000n, 1],
    ['less than a tenth', 2_199_999n, 2_000_000n, 0],
    ['less than 100 sats', 99_999n, 0n, 0],
  ])('leave at the boundary: %s', async (name, msat, threshold, count) => {
    const account = await saver(msat, threshold, name.replaceAll(' ', '-'));
    await run();
    expect(await opened(account)).toHaveLength(count);
  });

  it('stay while one is open, and for an hour after one that failed', async () => {
    at.outcomes.set('hanging', 'hang');
    const account = await saver(2_000_000n, 1_000_000n, 'hanging');
    await run();
    const [{ id } = { id: '' }] = await opened(account);
    await withdrawing.send((await hashesOf(id))[0] ?? '');
    await withdrawing.fixture.pool.query(
      `update auto_withdrawals set threshold_msat = 0 where account = $1`,
      [account.id],
    );
    await run();
    expect(await opened(account)).toMatchObject([{ state: 'WITHDRAWING' }]);
    await at.fixture.wallets.decide('hanging', (await hashesOf(id))[0] ?? '', 'fail');
    await withdrawing.send((await hashesOf(id))[0] ?? '');
    expect(await opened(account)).toMatchObject([{ state: 'FAILED' }]);
    expect(await withdrawing.sats(account)).toBe(2_000_000n);
    await later(account, 3590);
    await run();
    expect(await opened(account)).toHaveLength(1);
    await later(account, 11);
    await run();
    expect(await opened(account)).toHaveLength(2);
  });

  it('leave once, however many relays look at them', async () => {
    const account = await saver(3_000_000n, 1_000_000n, 'watched');
    await Promise.all([1, 2, 3, 4].map(() => withdrawNextExcess(at.fixture.engine)));
    expect(await opened(account)).toHaveLength(1);
  });

  it('are looked at again under the lock: spent meanwhile, or kept by another threshold, they stay', async () => {
    const spender = await saver(2_000_000n, 1_000_000n, 'spender');
    at.beforeMint = async () => {
      const { bolt11 } = await withdrawing.invoice(500_000n);
      await withdrawing.open(spender, bolt11);
    };
    await run();
    const keeper = await saver(2_000_000n, 1_000_000n, 'keeper');
    at.beforeMint = () => set(keeper, 1_500_000n);
    await withdrawNextExcess(at.fixture.engine);
    expect([...(await opened(spender)), ...(await opened(keeper))]).toEqual([]);
    await set(keeper, 2_000_000n);
  });

  it('leave to the next wallet; where none is of use its owner is told, and it is tried again later', async () => {
    at.broken.add('no-mint').add('no-mint-either');
    const account = await saver(2_000_000n, 1_000_000n, 'no-mint', 'mints');
    await run();
    expect(await opened(account)).toHaveLength(1);
    const poor = await saver(2_000_000n, 1_000_000n, 'no-mint-either');
    await run();
    expect(await opened(poor)).toEqual([]);
    expect(await failureOf(poor)).toBe('wallet_unavailable');
    const told = `outbox where subject = 'actions.auto_withdrawal.wallet_failed' and payload ->> 'owner' = $1`;
    expect(await at.fixture.count(told, [poor.id])).toBe(1);
    at.broken.delete('no-mint-either');
    await run();
    expect(await opened(poor)).toEqual([]);
    // A changed setting is tried at once.
    await set(poor, 900_000n);
    await run();
    expect(await opened(poor)).toHaveLength(1);
    expect(await failureOf(poor)).toBe(null);
  });

  it('stay while the node does not answer, for which no wallet is blamed', async () => {
    const account = await saver(2_000_000n, 1_000_000n, 'blameless');
    at.fixture.node.failNext('lookupPayment', 'unavailable');
    await expect(withdrawNextExcess(at.fixture.engine)).rejects.toMatchObject({
      code: 'service.unavailable',
    });
    const told = `outbox where subject like '%.wallet_failed' and payload ->> 'owner' = $1`;
    expect(await at.fixture.count(told, [account.id])).toBe(0);
    expect(await failureOf(account)).toBe(null);
    await later(account, 301);
    await run();
    expect(await opened(account)).toHaveLength(1);
  });

  it('are sats only, and stay during maintenance, and where there is no wallet', async () => {
    const credited = await at.fixture.account('only-credits', 5_000_000n);
    await at.addWallets(credited, ['of-credits']);
    await set(credited, 0n);
    const walletless = await saver(2_000_000n, 0n);
    await turnMaintenanceOn(at.fixture.pool, 'a test');
    const maintained = await saver(2_000_000n, 0n, 'maintained');
    await run();
    expect(await opened(maintained)).toEqual([]);
    await turnMaintenanceOff(at.fixture.pool);
    await run();
    expect(await opened(maintained)).toHaveLength(1);
    expect([...(await opened(credited)), ...(await opened(walletless))]).toEqual([]);
  });
});

async function hashesOf(actionId: string): Promise<string[]> {
  const { rows } = await at.fixture.pool.query<{ hash: string }>(
    'select hash from payments where action_id = $1',
    [actionId],
  );
  return rows.map(({ hash }) => hash);
}
