import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineContext } from '../../../../engine/context.js';
import { openAction } from '../../../../engine/actions/open.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { ActionFixture, ANONYMOUS, POST, zapOf } from './fixture.helper.js';

const CLIENT = { scope: Buffer.alloc(32, 1), bodyHash: Buffer.alloc(32, 2) };

let fixture: ActionFixture;
/** After a rotation: the same database, another secret. */
let rotated: EngineContext;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  const { secret } = fixture.engine;
  rotated = { ...fixture.engine, secret: 'another secret', formerSecrets: ['unused', secret] };
});
afterAll(() => fixture.close());

it('what was held under a former secret is settled', async () => {
  const itemId = await fixture.paidPost(await fixture.account('author'));
  const { view } = await fixture.open(ANONYMOUS, zapOf(itemId));
  await fixture.pay(view);
  await fixture.deliver();
  const hash = view.attempts[0]?.invoice?.hash ?? '';
  const unknowing = { ...rotated, formerSecrets: [] };
  await expect(makeCall(unknowing, 'settle_invoice', hash)).rejects.toThrow('QUITTANCE_SECRET');
  await makeCall(rotated, 'settle_invoice', hash);
  expect((await fixture.view(view.id)).state).toBe('PAID');
});

it('the same request again gives the capability that it gave before', async () => {
  const idempotencyKey = { ...CLIENT, key: 'once' };
  const first = await fixture.open(ANONYMOUS, { idempotencyKey });
  const again = await openAction(rotated, { ...POST, caller: ANONYMOUS, idempotencyKey });
  expect(again).toMatchObject({ replayed: true, capability: first.capability });
});
