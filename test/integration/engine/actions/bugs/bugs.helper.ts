import { afterEach } from 'vitest';
import type { ActionView } from '../../../../../engine/actions/contract.js';
import type { PaidActionType } from '../../../../../engine/actions/types/paid-action-type.js';
import type { Caller } from '../../../../../engine/accounts/caller.js';
import { countingTypeFailures } from '../../../../../engine/actions/type-failures.js';
import { transact } from '../../../../../engine/context.js';
import { payableId, readLegs } from '../../../../../engine/ledger/legs.js';
import { postEntry } from '../../../../../engine/ledger/post-entry.js';
import type { InvoiceUpdateState } from '../../../../../domain/invoices/machine.js';
import { toMsat } from '../../../../../domain/money.js';
import { retryAction } from '../../../../../engine/actions/retry.js';
import type { Opened } from '../../../../../engine/actions/contract.js';
import type { Payment } from '../../../../../domain/actions/plan-payment.js';
import type { ActionFixture } from '../fixture.helper.js';

export type Person = Caller & { readonly kind: 'account' };

/** The payment hash of an attempt's invoice; of the newest when none is named. */
export function hashOf({ attempts }: ActionView, attempt = attempts.length): string {
  const hash = attempts[attempt - 1]?.invoice?.hash;
  if (hash === undefined) throw new Error(`attempt ${attempt} has no invoice`);
  return hash;
}

/** `STATE` or `STATE REASON` of each attempt. */
export async function statesOf(fixture: ActionFixture, id: string): Promise<string[]> {
  const { attempts } = await fixture.view(id);
  return attempts.map(({ state, reason }) => (reason === null ? state : `${state} ${reason}`));
}

/** An attempt's legs as `side KIND ASSET planned actual`, in msat. */
export async function legsOf(fixture: ActionFixture, id: string, attempt = 1): Promise<string[]> {
  const key = payableId({ actionId: id, attempt });
  const legs = (await readLegs(fixture.pool, [key])).get(key) ?? [];
  return legs.map(({ side, kind, asset, plannedMsat, actualMsat }) =>
    [side, kind, asset, plannedMsat ?? '-', actualMsat ?? '-'].join(' '),
  );
}

/** Sats of an account, as if it had earned them. */
export async function giveSats(fixture: ActionFixture, to: Person, msat: bigint): Promise<void> {
  await transact(fixture.engine, (tx) =>
    postEntry(tx, `sats/${to.name}/${msat}`, [
      { holder: { system: 'promotion' }, asset: 'SATS', amountMsat: toMsat(-msat) },
      { holder: { accountId: to.id }, asset: 'SATS', amountMsat: toMsat(msat) },
    ]),
  );
}

/** Reports what the node says of the newest invoice, as the relay does: failures of types are counted. */
export async function report(
  fixture: ActionFixture,
  view: ActionView,
  state: InvoiceUpdateState,
  receivedMsat: bigint = view.costMsat,
): Promise<void> {
  await countingTypeFailures(fixture.engine, () =>
    fixture.report({ hash: hashOf(view), state, receivedMsat: toMsat(receivedMsat) }),
  );
}

/** Its newest attempt fails by expiry. */
export async function expire(fixture: ActionFixture, id: string): Promise<ActionView> {
  await fixture.passDeadline(id);
  await fixture.drive(id);
  return fixture.view(id);
}

/** Retries the newest attempt. */
export async function retry(
  fixture: ActionFixture,
  id: string,
  caller: Caller,
  payment: Payment = 'auto',
): Promise<Opened> {
  const { attempts } = await fixture.view(id);
  const request = { actionId: id, attempt: attempts.length, payment, caller };
  return retryAction(fixture.engine, request);
}

const restores: (() => void)[] = [];
afterEach(() => {
  for (const restore of restores.splice(0)) restore();
});

/** Another release of a type, or a faulty one, until the test ends. */
export function changeType<Args>(
  type: PaidActionType<Args>,
  changes: Partial<PaidActionType<Args>>,
): void {
  const before = { ...type };
  Object.assign(type, changes);
  restores.unshift(() => {
    for (const key of Object.keys(changes)) Reflect.deleteProperty(type, key);
    Object.assign(type, before);
  });
}

/** The caller who holds the capability of what was opened without an account. */
export function holderOf({ capability }: Opened): Caller {
  return { kind: 'anonymous', ...(capability === undefined ? {} : { capability }) };
}
