import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import type { OpenAction } from '../../../../../engine/actions/contract.js';
import type { Limits } from '../../../../../engine/context.js';
import { Refusal } from '../../../../../domain/refusal.js';
import { ENGINE_SETTINGS } from '../../../../support/engine-settings.js';
import { ActionFixture, ANONYMOUS } from '../fixture.helper.js';
import { expire, retry, statesOf } from './bugs.helper.js';

const LIMITS: Limits = {
  ...ENGINE_SETTINGS.limits,
  ...{ unpaidActions: 5, unpaidPerOrigin: 5, unpaidAnonymous: 8 },
};

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create({ limits: LIMITS });
});
afterAll(() => fixture.close());
// Each test counts from nothing.
beforeEach(async () => {
  const { rows } = await fixture.pool.query<{ id: string }>(
    `select action_id as id from attempts where state not in ('PAID', 'FAILED')`,
  );
  for (const { id } of rows) await expire(fixture, id);
});

const origin = (n: number): Buffer => Buffer.alloc(16, n);
const anonymous = (n: number): Partial<OpenAction> => ({ origin: origin(n) });

async function openAtOnce(
  count: number,
  open: () => Promise<unknown>,
): Promise<{ opened: number; refused: unknown[] }> {
  const results = await Promise.allSettled(Array.from({ length: count }, open));
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [codeOf(result.reason)] : [],
  );
  return { opened: results.length - refused.length, refused };
}

const codeOf = (error: unknown): string => (error instanceof Refusal ? error.code : String(error));

const openOf = (n: number): Promise<number> =>
  fixture.count(`attempts where origin = $1 and state not in ('PAID', 'FAILED', 'CANCELLING')`, [
    origin(n),
  ]);

const TOO_MANY = 'action.too_many_unpaid';

describe('unpaid attempts', () => {
  it('B45, O10: of an account: 40 parallel openings at a limit of 5 give 5', async () => {
    const caller = await fixture.account('hoarder');
    const { opened, refused } = await openAtOnce(40, () =>
      fixture.open(caller, { payment: 'invoice' }),
    );
    expect(opened).toBe(5);
    expect(new Set(refused)).toEqual(new Set([TOO_MANY]));
    const other = await fixture.account('bystander');
    expect((await fixture.open(other)).view.state).toBe('PENDING');
  });

  it('B45, O14: of one address without an account: 40 at a limit of 5 give 5, and others do not notice', async () => {
    const { opened } = await openAtOnce(40, () => fixture.open(ANONYMOUS, anonymous(1)));
    expect(opened).toBe(5);
    expect((await fixture.open(ANONYMOUS, anonymous(2))).view.state).toBe('PENDING_HELD');
  });

  it('of all without an account: the address with most gives way, and is told why', async () => {
    const opened = [];
    for (const n of [1, 1, 1, 1, 1, 2, 2, 3]) {
      opened.push((await fixture.open(ANONYMOUS, anonymous(n))).view.id);
    }
    const { view } = await fixture.open(ANONYMOUS, anonymous(4));
    expect(view.state).toBe('PENDING_HELD');
    const newest = opened[4] ?? '';
    await fixture.drive(newest);
    expect(await statesOf(fixture, newest)).toEqual(['FAILED SYSTEM_CANCELLED']);
    expect(await Promise.all([1, 2, 3, 4].map(openOf))).toEqual([4, 2, 1, 1]);
    // The one with most gets nothing by asking again.
    await expect(fixture.open(ANONYMOUS, anonymous(1))).rejects.toMatchObject({ code: TOO_MANY });
  });

  it('of all without an account, at once: never more than the sum', async () => {
    let n = 10;
    await openAtOnce(30, () => fixture.open(ANONYMOUS, anonymous((n += 1))));
    const open = await fixture.count(
      `attempts where origin is not null and state not in ('PAID', 'FAILED', 'CANCELLING')`,
    );
    expect(open).toBe(8);
  });

  it('are counted until the node has canceled them, and paying one frees its place', async () => {
    const caller = await fixture.account('canceller');
    const views = [];
    for (let n = 0; n < 5; n += 1) views.push((await fixture.open(caller)).view);
    const [first, second] = views;
    if (first === undefined || second === undefined) throw new Error('nothing was opened');
    fixture.node.failNext('cancelInvoice', 'unavailable');
    await cancelAction(fixture.engine, { actionId: first.id, caller });
    expect(await statesOf(fixture, first.id)).toEqual(['CANCELLING USER_CANCELLED']);
    await expect(fixture.open(caller)).rejects.toMatchObject({ code: TOO_MANY });
    await fixture.drive(first.id);
    await fixture.open(caller);
    await expect(retry(fixture, first.id, caller)).rejects.toMatchObject({ code: TOO_MANY });
    await fixture.pay(second);
    await fixture.deliver();
    await retry(fixture, first.id, caller);
  });

  it('a replay is never refused for them, and a refused request binds neither key nor id', async () => {
    const caller = await fixture.account('replaying');
    const key = (): NonNullable<OpenAction['idempotencyKey']> => ({
      ...{ scope: Buffer.alloc(32, 3), key: randomUUID(), bodyHash: Buffer.alloc(32, 4) },
    });
    const first = key();
    const { view } = await fixture.open(caller, { idempotencyKey: first });
    for (let n = 0; n < 4; n += 1) await fixture.open(caller);
    const refused = { idempotencyKey: key(), id: randomUUID() };
    await expect(fixture.open(caller, refused)).rejects.toMatchObject({ code: TOO_MANY });
    const again = await fixture.open(caller, { idempotencyKey: first });
    expect([again.replayed, again.view.id]).toEqual([true, view.id]);
    await expire(fixture, view.id);
    const later = await fixture.open(caller, refused);
    expect([later.replayed, later.view.id]).toEqual([false, refused.id]);
  });
});
