import { expect } from 'vitest';
import {
  confirm,
  forgetOrders,
  orderOf,
  rowsOf,
} from '../../../engine/transmissions/fixture.helper.js';
import { expectInvariants } from '../../../engine/transmissions/invariants.helper.js';
import type { ChargedSatellite } from './charge.helper.js';

/** The faults measured on the peer, provoked over HTTP: each function is one round. */
export async function begin(api: ChargedSatellite): Promise<void> {
  await api.fixture.pool.query('truncate gateway_invoices');
  await forgetOrders(api.fixture);
}

const countIn = async ({ fixture }: ChargedSatellite, state: string): Promise<number> =>
  (await rowsOf(fixture, 'select from orders where state = $1', [state])).length;

/** 48 payments at once: one transmits, none is lost, numbers have no gap (faults 1 to 4). */
export async function payAtOnce(api: ChargedSatellite): Promise<void> {
  await begin(api);
  const opened = await Promise.all(
    Array.from({ length: 48 }, (_, n) => api.open({ bid: String(1000 + n), message: `m${n}` })),
  );
  const answers = await Promise.all(opened.map((one) => api.callBack(one)));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(48).fill(200));
  expect([await countIn(api, 'transmitting'), await countIn(api, 'paid')]).toEqual([1, 47]);
  await expectInvariants(api.fixture);
  for (let number = 1; number <= 48; number += 1) await confirm(api.fixture, 'tx', number);
  expect(await countIn(api, 'sent')).toBe(48);
  await expectInvariants(api.fixture);
}

/** 24 orders of administrators at once over three channels. */
export async function orderAtOnce(api: ChargedSatellite): Promise<void> {
  await begin(api);
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      api.post({ message: `m${n}`, channel: String([3, 4, 5][n % 3]) }, '/admin/order'),
    ),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(24).fill(200));
  expect([await countIn(api, 'transmitting'), await countIn(api, 'paid')]).toEqual([3, 21]);
  await expectInvariants(api.fixture);
  for (let number = 1; number <= 24; number += 1) {
    const answer = await api.post({ regions: '[0,1,2,3,4,5]' }, `/order/tx/${number}`);
    expect(answer.statusCode).toBe(200);
  }
  expect(await countIn(api, 'sent')).toBe(24);
  await expectInvariants(api.fixture);
}

/** 8 copies of each of 6 callbacks at once: one is accepted (fault 5). */
export async function callBackInCopies(api: ChargedSatellite): Promise<void> {
  await begin(api);
  const opened = await Promise.all(Array.from({ length: 6 }, () => api.open()));
  const answers = await Promise.all(
    opened.flatMap((one) => Array.from({ length: 8 }, () => api.callBack(one))),
  );
  for (let n = 0; n < opened.length; n += 1) {
    const codes = answers.slice(8 * n, 8 * n + 8).map(({ statusCode }) => statusCode);
    expect(codes.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(7).fill(400)]);
  }
  await expectInvariants(api.fixture);
}

/** A payment and a cancellation of the same order at once: one of them wins, and no money is lost (fault 6). */
export async function payAndCancel(api: ChargedSatellite): Promise<void> {
  await begin(api);
  const opened = await Promise.all(Array.from({ length: 8 }, () => api.open()));
  const answers = await Promise.all(
    opened.map(async (one, n) => {
      const { uuid, auth_token } = one;
      const url = `/order/${uuid}?auth_token=${auth_token}`;
      const acts = [() => api.callBack(one), () => api.app.inject({ method: 'DELETE', url })];
      const answered = await Promise.all((n % 2 === 0 ? acts : acts.reverse()).map((act) => act()));
      const [paid, cancelled] = n % 2 === 0 ? answered : answered.reverse();
      return { uuid, paid: paid?.statusCode, cancelled: cancelled?.statusCode };
    }),
  );
  for (const { uuid, paid, cancelled } of answers) {
    const { state, tx_seq_num: number } = await orderOf(api.fixture, uuid);
    expect(paid).toBe(200);
    expect([200, 400]).toContain(cancelled);
    if (cancelled === 200) expect([state, number]).toEqual(['cancelled', null]);
    else expect(state).not.toBe('cancelled');
  }
  await expectInvariants(api.fixture);
}

export const RACES = { payAtOnce, orderAtOnce, callBackInCopies, payAndCancel };
