import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { zap } from '../../../../engine/actions/types/zap.js';
import { capabilityOf } from '../../../../engine/accounts/caller.js';
import { brokenRules } from '../../../support/books.js';
import { changeType } from './bugs/bugs.helper.js';
import { ANONYMOUS, zapOf } from './fixture.helper.js';
import { Withdrawing } from './withdrawing.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;

beforeAll(async () => {
  at = await Wrapping.create();
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

describe('a zap to a wallet', () => {
  it('is wrapped, forwarded and settled: 70 % to the wallet, the pool gets what routing did not cost', async () => {
    const { itemId, account } = await at.payee('direct');
    const view = await at.zap(itemId);
    expect(view.attempts).toMatchObject([
      { flow: 'wrapped', state: 'PENDING_HELD', invoice: { kind: 'hold', amountMsat: 1_000_000n } },
    ]);
    const paid = await at.payAndDrive(view);
    expect(paid.state).toBe('PAID');
    expect(await at.received('direct')).toBe(700_000n);
    expect(await at.fixture.balance(account)).toBe(0n);
    const { rows } = await at.fixture.pool.query(
      `select kind, sum(actual_msat)::bigint as msat from legs where action_id = $1 and side = 'out' group by kind order by kind`,
      [view.id],
    );
    expect(rows).toEqual([
      { kind: 'FORWARD', msat: 700_000n },
      { kind: 'POOL', msat: 300_000n - 1_000n },
      { kind: 'ROUTING_FEE', msat: 1_000n },
    ]);
    expect(await at.fixture.count(`item_counters where id = $1 and zaps = 1`, [itemId])).toBe(1);
  });

  it('whose payee cannot be paid is cancelled; the retry takes the next wallet, then credits', async () => {
    const { itemId, account } = await at.payee('failing', 'failing-too');
    at.outcomes.set('failing', 'fail').set('failing-too', 'fail');
    const view = await at.zap(itemId);
    const failed = await at.payAndDrive(view);
    expect(failed.attempts.at(-1)).toMatchObject({
      state: 'FAILED',
      reason: 'INVOICE_FORWARDING_FAILED',
    });
    const retry = (attempt: number): ReturnType<typeof retryAction> =>
      retryAction(at.fixture.engine, {
        ...{ actionId: view.id, attempt, payment: 'auto' },
        caller: {
          ...ANONYMOUS,
          kind: 'anonymous',
          capability: capabilityOf(at.fixture.engine.secret, view.id),
        },
      });
    const second = await retry(1);
    expect(second.view.attempts.at(-1)).toMatchObject({ flow: 'wrapped', state: 'PENDING_HELD' });
    await at.payAndDrive(second.view);
    for (const attempt of [2, 3]) {
      await at.payAndDrive((await retry(attempt)).view);
    }
    const last = await retry(4);
    expect(last.view.attempts.at(-1)).toMatchObject({ flow: 'pessimistic' });
    const paid = await at.payAndDrive(last.view);
    expect(paid.state).toBe('PAID');
    expect(await at.fixture.balance(account)).toBe(700_000n);
    expect(await at.tries(view)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  });

  it('tries the next wallet at once where one cannot mint, and credits where none can', async () => {
    const { itemId } = await at.payee('broken', 'sound');
    at.broken.add('broken');
    const view = await at.zap(itemId);
    expect(view.attempts).toMatchObject([{ flow: 'wrapped', state: 'PENDING_HELD' }]);
    expect(await at.tries(view)).toEqual(['wallet_unavailable']);
    expect((await at.payAndDrive(view)).state).toBe('PAID');
    expect(await at.received('sound')).toBe(700_000n);

    const alone = await at.payee('broken');
    const custodial = await at.zap(alone.itemId);
    expect(custodial.attempts).toMatchObject([{ flow: 'pessimistic', state: 'PENDING_HELD' }]);
    expect((await at.payAndDrive(custodial)).state).toBe('PAID');
    expect(await at.fixture.balance(alone.account)).toBe(700_000n);
  });

  it('keeps to what a wallet minted: less by less than a sat, a description of up to 639 bytes', async () => {
    const { itemId } = await at.payee('short');
    at.shorter.set('short', 500n);
    const odd = await at.zap(itemId, 45);
    expect((await at.payAndDrive(odd)).state).toBe('PAID');
    expect(await at.received('short')).toBe(31_000n);
    at.shorter.set('short', 1_500n);
    expect((await at.zap(itemId, 45)).attempts).toMatchObject([{ flow: 'pessimistic' }]);
    at.shorter.delete('short');
    at.memo = 'é'.repeat(319);
    expect((await at.zap(itemId)).attempts).toMatchObject([{ flow: 'wrapped' }]);
    at.memo = undefined;
    at.expirySeconds = 110;
    expect((await at.zap(itemId)).attempts).toMatchObject([{ flow: 'pessimistic' }]);
    at.expirySeconds = undefined;
  });

  it('shows what the wallet says it is for: a text of 639 bytes, or the hash of one', async () => {
    const { itemId } = await at.payee('describes');
    const decoded = async (view: ActionView) =>
      at.fixture.node.decode(view.attempts.at(-1)?.invoice?.bolt11 ?? '');
    at.memo = `${'é'.repeat(319)}!`;
    expect((await decoded(await at.zap(itemId))).memo).toBe(at.memo);
    at.memo = undefined;
    at.descriptionHash = 'ab'.repeat(32);
    const hashed = await at.zap(itemId);
    expect(await decoded(hashed)).toMatchObject({
      memo: '',
      descriptionHash: at.descriptionHash,
      amountMsat: 1_000_000n,
    });
    at.descriptionHash = undefined;
    expect((await at.payAndDrive(hashed)).state).toBe('PAID');
  });

  it('whose description an invoice has no room for is refused before anything is charged', async () => {
    const { itemId } = await at.payee('too-long');
    const rich = await at.fixture.account('describes-too-much', 100_000n);
    const before = await at.fixture.count('actions');
    changeType(zap, { describe: () => 'é'.repeat(320) });
    const request = zapOf(itemId, 1000);
    await expect(at.fixture.open(rich, request)).rejects.toMatchObject({
      code: 'action.invalid_args',
    });
    expect(await at.fixture.count('actions')).toBe(before);
    expect(await at.fixture.balance(rich)).toBe(100_000n);
    // By credits alone there is no invoice.
    await at.fixture.open(rich, zapOf(itemId, 10));
    changeType(zap, { describe: () => `${'é'.repeat(319)}!` });
    const { view } = await at.fixture.open(rich, { ...request, payment: 'invoice' });
    expect(view.attempts).toMatchObject([{ flow: 'wrapped' }]);
  });

  it('B28: its payee’s invoice cannot be withdrawn to, before and after it is paid', async () => {
    const withdrawing = await Withdrawing.on(at.fixture, 'proxied');
    const account = await withdrawing.rich();
    const { itemId } = await at.payee('proxied');
    const view = await at.zap(itemId);
    const { rows } = await at.fixture.pool.query<{ bolt11: string }>(
      'select bolt11 from payments where action_id = $1',
      [view.id],
    );
    const withdraw = (): Promise<unknown> => withdrawing.open(account, rows[0]?.bolt11 ?? '');
    const refused = { code: 'withdrawal.own_invoice' };
    await expect(withdraw()).rejects.toMatchObject(refused);
    expect((await at.payAndDrive(view)).state).toBe('PAID');
    await expect(withdraw()).rejects.toMatchObject({ code: 'withdrawal.invoice_used' });
    expect(await at.received('proxied')).toBe(700_000n);
    expect(await withdrawing.sats(account)).toBe(1_000_000n);
  });

  it('is cancelled before anything is sent when too few blocks are left', async () => {
    const { itemId } = await at.payee('blocks');
    const view = await at.zap(itemId);
    await at.fixture.pay(view);
    await at.fixture.deliver();
    await at.fixture.node.mine(90);
    await at.call('settle_invoice', at.hashOf(view));
    await at.fixture.drive(view.id);
    expect((await at.fixture.view(view.id)).attempts).toMatchObject([
      { state: 'FAILED', reason: 'INVOICE_FORWARDING_CLTV_DELTA_TOO_LOW' },
    ]);
    expect(await at.fixture.count('sends where hash = $1', [at.hashOf(view)])).toBe(0);
    expect(await at.received('blocks')).toBe(0n);
  });

  it('whose incoming is canceled while the outgoing succeeds is paid, as our loss', async () => {
    const { itemId } = await at.payee('slow');
    at.outcomes.set('slow', 'hang');
    const view = await at.zap(itemId);
    const hash = at.hashOf(view);
    await at.fixture.pay(view);
    await at.fixture.deliver();
    await at.call('settle_invoice', hash);
    await at.fixture.node.cancelInvoice(hash);
    await at.fixture.deliver();
    expect((await at.fixture.view(view.id)).state).toBe('FORWARDING');
    await at.fixture.wallets.decide('slow', hash, 'succeed');
    await at.call('send_payment', hash);
    expect((await at.fixture.view(view.id)).state).toBe('PAID');
    expect(
      await at.fixture.count(
        `legs where action_id = $1 and kind = 'LOSS' and actual_msat = 1000000`,
        [view.id],
      ),
    ).toBe(1);
  });

  it('is not given back by a late call to cancel while its payee may be paid', async () => {
    const { itemId } = await at.payee('late');
    at.outcomes.set('late', 'hang');
    const view = await at.zap(itemId);
    const hash = at.hashOf(view);
    await at.fixture.pay(view);
    await at.fixture.deliver();
    await at.call('settle_invoice', hash);
    await at.call('cancel_invoice', hash);
    expect((await at.fixture.node.lookupInvoice(hash))?.state).toBe('held');
    await at.fixture.wallets.decide('late', hash, 'succeed');
    await at.call('send_payment', hash);
    await at.call('settle_invoice', hash);
    await at.fixture.deliver();
    expect((await at.fixture.view(view.id)).state).toBe('PAID');
    expect((await at.fixture.node.lookupInvoice(hash))?.state).toBe('settled');
  });

  it('of several that wrap and forward at once, pays once', async () => {
    const { itemId } = await at.payee('once');
    const view = await at.zap(itemId);
    const hash = at.hashOf(view);
    await at.fixture.pay(view);
    await at.fixture.deliver();
    await Promise.all([1, 2, 3, 4].map(() => at.call('settle_invoice', hash)));
    await Promise.all([1, 2, 3].map(() => at.call('send_payment', hash)));
    await at.fixture.drive(view.id);
    expect((await at.fixture.view(view.id)).state).toBe('PAID');
    expect(await at.received('once')).toBe(700_000n);
    expect(await at.fixture.count('sends where hash = $1', [hash])).toBe(1);
  });
});
