import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAction } from '../../../../engine/actions/open.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { brokenRules } from '../../../support/books.js';
import { type Person, retry } from './bugs/bugs.helper.js';
import { ANONYMOUS, zapOf } from './fixture.helper.js';
import { itemOf } from './items/world.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;
let op: Person;

beforeAll(async () => {
  at = await Wrapping.create();
  op = await at.fixture.account('op', 1_000_000_000n);
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

interface Sample {
  readonly name: string;
  /** In msat: what the wallet gets. */
  readonly receivesMsat: bigint;
  /** Its author may try again. */
  readonly retried: boolean;
  /** Opened for a payee with these wallets. */
  readonly open: (...wallets: readonly string[]) => Promise<ActionView>;
  /** Rows that everybody sees once it is paid. */
  readonly table: string;
}

/** With much less the budget for fees does not cover the simulated route, and the payee gets credits. */
const SMALLEST_ZAP = 60;

const zap = (sats: number): Sample => ({
  ...{ name: `ZAP of ${sats} sats`, receivesMsat: BigInt(sats) * 700n, retried: true },
  table: 'zaps',
  async open(...wallets) {
    const { itemId } = await at.payee(...wallets);
    const { view } = await at.fixture.open(op, { ...zapOf(itemId, sats), payment: 'invoice' });
    return view;
  },
});

const bounty = (sats: number): Sample => ({
  ...{ name: `BOUNTY_PAYMENT of ${sats} sats`, receivesMsat: BigInt(sats) * 1000n, retried: true },
  table: 'bounty_payments',
  async open(...wallets) {
    const post = { kind: 'bounty', title: 'Who can do it?', bountySats: sats };
    const asked = await at.fixture.open(op, { type: 'ITEM_CREATE', args: post });
    const { account } = await at.payee(...wallets);
    const reply = { kind: 'comment', parentId: itemOf(asked.view), text: 'I can' };
    const answer = await at.fixture.open(account, { type: 'ITEM_CREATE', args: reply });
    const args = { itemId: itemOf(answer.view) };
    return (await at.fixture.open(op, { type: 'BOUNTY_PAYMENT', args })).view;
  },
});

const toName = (sats: number, more: object): Sample => ({
  ...{ name: `PROXY_PAYMENT of ${sats} sats`, receivesMsat: BigInt(sats) * 900n },
  ...{ retried: false, table: 'proxy_payments' },
  async open(...wallets) {
    const { account } = await at.payee(...wallets);
    const { view } = await openAction(at.fixture.engine, {
      ...{ type: 'PROXY_PAYMENT', payment: 'invoice', door: true, caller: ANONYMOUS },
      args: { payee: account.id, sats, descriptionHash: 'ab'.repeat(32), ...more },
    });
    return view;
  },
});

const SAMPLES: readonly Sample[] = [
  ...[zap(SMALLEST_ZAP), zap(1_000_000), bounty(1_000), bounty(700_000)],
  toName(34, {}),
  toName(777_777, {
    ...{ comment: 'c'.repeat(1_000), payerData: 'p'.repeat(2_000) },
    zapRequest: 'z'.repeat(10_000),
  }),
];

let wallets = 0;
const wallet = (): string => `wallet-${(wallets += 1)}`;

const seen = (table: string, { id }: ActionView, state = 'PAID'): Promise<number> =>
  at.fixture.count(`${table} where action_id = $1 and state = $2`, [id, state]);

describe('to a wallet of the payee, with the least and the most arguments', () => {
  it.each(SAMPLES.map((sample) => [sample.name, sample] as const))(
    '%s: is paid to it',
    async (_name, { open, receivesMsat, table }) => {
      const name = wallet();
      const view = await open(name);
      expect(view.attempts).toMatchObject([{ flow: 'wrapped', state: 'PENDING_HELD' }]);
      expect(await seen(table, view)).toBe(0);
      expect((await at.payAndDrive(view)).state).toBe('PAID');
      expect(await at.received(name)).toBe(receivesMsat);
      expect(await seen(table, view)).toBe(1);
    },
  );

  it.each(SAMPLES.map((sample) => [sample.name, sample] as const))(
    '%s: that cannot be delivered was never there, and its payer has the money',
    async (_name, { open, receivesMsat, table, retried }) => {
      const [weak, strong] = [wallet(), wallet()];
      at.outcomes.set(weak, 'fail');
      const view = await open(weak, strong);
      const before = (await at.fixture.wallets.find('payer'))?.balanceMsat;
      expect((await at.payAndDrive(view)).state).toBe('FAILED');
      expect((await at.fixture.wallets.find('payer'))?.balanceMsat).toBe(before);
      expect([await seen(table, view), await at.received(weak)]).toEqual([0, 0n]);
      if (!retried) return;
      const { view: again } = await retry(at.fixture, view.id, op, 'invoice');
      expect(again.attempts.at(-1)).toMatchObject({ flow: 'wrapped' });
      expect((await at.payAndDrive(again)).state).toBe('PAID');
      expect(await at.received(strong)).toBe(receivesMsat);
      expect(await seen(table, view)).toBe(1);
    },
  );
});
