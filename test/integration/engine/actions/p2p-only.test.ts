import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilityOf } from '../../../../engine/accounts/caller.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import type { Share } from '../../../../engine/actions/types/paid-action-type.js';
import { zap } from '../../../../engine/actions/types/zap.js';
import { toMsat } from '../../../../domain/money.js';
import { brokenRules } from '../../../support/books.js';
import { changeType } from './bugs/bugs.helper.js';
import { ENGINE_SETTINGS } from '../../../support/engine-settings.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;

beforeAll(async () => {
  const limits = { ...ENGINE_SETTINGS.limits, pendingPerWallet: 2 };
  at = await Wrapping.create({ limits });
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

const onlyP2p = (): void => changeType(zap, { paymentMethods: ['p2p'] });

async function retry(view: ActionView): Promise<ActionView> {
  const capability = capabilityOf(at.fixture.engine.secret, view.id);
  const { attempts } = await at.fixture.view(view.id);
  const opened = await retryAction(at.fixture.engine, {
    ...{ actionId: view.id, attempt: attempts.length, payment: 'auto' },
    caller: { kind: 'anonymous', capability },
  });
  return opened.view;
}

describe('a type whose payee is paid to a wallet or not at all', () => {
  it('is refused with nothing changed where there is no wallet, and by balance', async () => {
    onlyP2p();
    const { itemId } = await at.payee();
    const before = await at.fixture.count('actions');
    await expect(at.zap(itemId)).rejects.toMatchObject({ code: 'action.no_wallet' });
    const rich = await at.fixture.account('rich-without-use', 5_000_000n);
    const request = { type: 'ZAP', args: { itemId, sats: 1000 }, payment: 'credits' } as const;
    await expect(at.fixture.open(rich, request)).rejects.toMatchObject({
      code: 'action.flow_not_supported',
    });
    expect(await at.fixture.count('actions')).toBe(before);
  });

  it('is paid by an invoice of the whole cost, whatever the balance', async () => {
    onlyP2p();
    const { itemId } = await at.payee('p2p-direct');
    const rich = await at.fixture.account('rich-all-the-same', 5_000_000n);
    const { view } = await at.fixture.open(rich, { type: 'ZAP', args: { itemId, sats: 1000 } });
    expect(view.attempts).toMatchObject([
      { flow: 'wrapped', state: 'PENDING_HELD', invoice: { amountMsat: 1_000_000n } },
    ]);
    expect((await at.payAndDrive(view)).state).toBe('PAID');
    expect(await at.received('p2p-direct')).toBe(700_000n);
    expect(await at.fixture.balance(rich)).toBe(5_000_000n);
  });

  it('fails where no wallet mints, never custodial', async () => {
    onlyP2p();
    at.broken.add('p2p-broken');
    const { itemId, account } = await at.payee('p2p-broken');
    const view = await at.zap(itemId);
    expect(view.attempts).toMatchObject([
      { flow: 'wrapped', state: 'FAILED', reason: 'INVOICE_WRAPPING_FAILED', invoice: null },
    ]);
    at.broken.delete('p2p-broken');
    expect((await at.payAndDrive(await retry(view))).state).toBe('PAID');
    expect(await at.fixture.balance(account)).toBe(0n);
  });

  it('keeps cycling through the wallets by new attempts: those that failed least, without an end', async () => {
    onlyP2p();
    at.outcomes.set('cycle-1', 'fail').set('cycle-2', 'fail');
    const { itemId, account } = await at.payee('cycle-1', 'cycle-2');
    let view = await at.zap(itemId);
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      expect(view.attempts.at(-1)).toMatchObject({ flow: 'wrapped', state: 'PENDING_HELD' });
      expect((await at.payAndDrive(view)).state).toBe('FAILED');
      view = await retry(view);
    }
    const { rows } = await at.fixture.pool.query<{ address: string; tries: number }>(
      `select w.address, count(*)::integer as tries from wallet_tries t join wallets w on w.id = t.wallet
       where t.action_id = $1 group by w.address order by w.address`,
      [view.id],
    );
    expect(rows).toEqual([
      { address: 'cycle-1', tries: 3 },
      { address: 'cycle-2', tries: 3 },
    ]);
    at.outcomes.clear();
    await at.fixture.wallets.decide('cycle-1', at.hashOf(view), 'succeed');
    expect((await at.payAndDrive(view)).state).toBe('PAID');
    expect(await at.fixture.balance(account)).toBe(0n);
  });
});

describe('several payees', () => {
  it('where no wallet of the first mints, the next one is paid to its wallet, and the first gets credits', async () => {
    at.broken.add('mints-nothing');
    const first = await at.payee('mints-nothing');
    const second = await at.payee('mints-instead');
    const shares = [first, second].map(({ account }, index) => ({
      ...{ kind: 'ZAP', asset: 'CREDITS', holder: { accountId: account.id }, toWallet: true },
      amountMsat: toMsat(BigInt(200_000 * (index + 1))),
    })) satisfies Share[];
    changeType(zap, { quote: () => Promise.resolve({ costMsat: toMsat(1_000_000n), shares }) });
    const paid = await at.payAndDrive(await at.zap(first.itemId));
    expect(paid.attempts).toMatchObject([{ flow: 'wrapped', state: 'PAID' }]);
    expect(await at.received('mints-instead')).toBe(400_000n);
    expect(await at.fixture.balance(first.account)).toBe(200_000n);
    expect(await at.fixture.balance(second.account)).toBe(0n);
  });

  it('one is paid to its wallet, the others get credits; the one without a wallet is passed over', async () => {
    const without = await at.payee();
    const first = await at.payee('of-several');
    const second = await at.payee('of-several-too');
    const shares = [without, first, second].map(({ account }, index) => ({
      ...{ kind: 'ZAP', asset: 'CREDITS', holder: { accountId: account.id }, toWallet: true },
      amountMsat: toMsat(BigInt(100_000 * (index + 1))),
    })) satisfies Share[];
    changeType(zap, { quote: () => Promise.resolve({ costMsat: toMsat(1_000_000n), shares }) });
    const paid = await at.payAndDrive(await at.zap(first.itemId));
    expect(paid.attempts).toMatchObject([{ flow: 'wrapped', state: 'PAID' }]);
    expect(await at.received('of-several')).toBe(200_000n);
    expect(await at.received('of-several-too')).toBe(0n);
    const balances = [without, first, second].map(({ account }) => at.fixture.balance(account));
    expect(await Promise.all(balances)).toEqual([100_000n, 0n, 300_000n]);
  });
});

describe('payments to one wallet that are open', () => {
  it('are limited, also of zaps at once; those above it are paid in credits', async () => {
    const { itemId } = await at.payee('crowded');
    const views = await Promise.all([1, 2, 3, 4, 5].map(() => at.zap(itemId)));
    const flows = views.map(({ attempts }) => attempts.at(-1)?.flow).sort();
    expect(flows).toEqual(['pessimistic', 'pessimistic', 'pessimistic', 'wrapped', 'wrapped']);
    const wrapped = views.find(({ attempts }) => attempts.at(-1)?.flow === 'wrapped');
    if (wrapped === undefined) throw new Error('none is wrapped');
    expect((await at.payAndDrive(wrapped)).state).toBe('PAID');
    expect((await at.zap(itemId)).attempts).toMatchObject([{ flow: 'wrapped' }]);
  });
});
