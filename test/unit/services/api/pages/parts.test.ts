import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullName } from '../../../../../services/api/pages/actions/subject-name.js';
import { plainMessage } from '../../../../../services/api/pages/forms/form-page.js';
import { attemptMachine, type AttemptState } from '../../../../../domain/actions/machine.js';
import { toMsat } from '../../../../../domain/money.js';
import type { Payable } from '../../../../../engine/actions/read-payable.js';
import { byDay } from '../../../../../services/api/pages/account/expiry-chart.js';
import { safePath } from '../../../../../services/api/pages/context.js';
import { sats } from '../../../../../services/api/pages/parts/money.js';
import {
  PAY_WORDS,
  type PayState,
  payStateOf,
} from '../../../../../services/api/pages/pay/pay-state.js';
import {
  readOwnActions,
  withOwnAction,
} from '../../../../../services/api/pages/session/own-actions.js';
import { stepsOf } from '../../../../../services/api/pages/stores/curve-chart.js';

describe('amounts', () => {
  it.each([
    [0n, '0 sats'],
    [1_000n, '1 sat'],
    [1_500n, '1.5 sats'],
    [1n, '0.001 sats'],
    [1_234_567_000n, '1,234,567 sats'],
    [-100_000n, '−100 sats'],
    [-1_000n, '−1 sat'],
  ])('%s msat are %s', (msat, text) => expect(sats(msat)).toBe(text));

  it('lose nothing', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (msat) => {
        const [whole = '', rest = ''] =
          sats(msat).split(' ', 1)[0]?.replaceAll(',', '').split('.') ?? [];
        expect(BigInt(whole) * 1000n + BigInt(rest.padEnd(3, '0'))).toBe(msat);
      }),
    );
  });
});

describe('the state that a payer sees', () => {
  const payable = (state: AttemptState, rest: Partial<Payable>): Payable => ({
    mark: '',
    ...{ hash: '', memo: '', bolt11: 'lnbc', amountMsat: toMsat(1000n), receivedMsat: toMsat(0n) },
    ...{ invoiceState: 'open', expiresAt: null, secondsLeft: 60 },
    of: {
      ...{ kind: 'attempt', actionId: '', attempt: 1, state, reason: null },
      ...{ newest: 1, newestHash: null },
    },
    ...rest,
  });

  it('is known for every state of an attempt, and has words', () => {
    for (const state of Object.keys(attemptMachine.states) as AttemptState[]) {
      expect(PAY_WORDS[payStateOf(payable(state, {}))].heading).not.toBe('');
    }
  });

  it('never asks to pay what has run out', () => {
    for (const state of ['PENDING', 'PENDING_HELD'] as const) {
      expect(payStateOf(payable(state, { secondsLeft: 1 }))).toBe('waiting');
      expect(payStateOf(payable(state, { secondsLeft: 0 }))).toBe('checking');
    }
  });

  it('tells an order that expired from one that was cancelled, and asks before it says so', () => {
    const stateOf = (invoiceState: Payable['invoiceState'], secondsLeft: number): PayState =>
      payStateOf({
        ...payable('PENDING', { invoiceState, secondsLeft }),
        of: { kind: 'order', orderId: '', state: 'pending' },
      });
    expect(stateOf('open', 1)).toBe('waiting');
    expect(stateOf('open', 0)).toBe('checking');
    expect(stateOf('canceled', 1)).toBe('cancelled');
    expect(stateOf('canceled', 0)).toBe('expired');
    expect(stateOf('settled', 0)).toBe('paid');
  });

  it('is expired only where nothing was received', () => {
    const stateOf = (receivedMsat: bigint, secondsLeft: number): PayState =>
      payStateOf(payable('FAILED', { receivedMsat: toMsat(receivedMsat), secondsLeft }));
    expect(stateOf(0n, 0)).toBe('expired');
    expect(stateOf(1000n, 0)).toBe('failed');
    expect(stateOf(0n, 1)).toBe('failed');
  });

  it('is held, not paid, while the action is being completed', () => {
    expect(payStateOf(payable('HELD', { invoiceState: 'held' }))).toBe('received');
  });
});

describe('pictures', () => {
  it('of credits show every one of them, the soonest first', () => {
    const lot = fc.record({
      at: fc.option(
        fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      ),
      msat: fc.bigInt({ min: 1n, max: 10n ** 12n }),
    });
    fc.assert(
      fc.property(fc.array(lot, { maxLength: 60 }), (lots) => {
        const bars = byDay(lots);
        const sum = (all: readonly { msat: bigint }[]): bigint =>
          all.reduce((total, { msat }) => total + msat, 0n);
        expect(sum(bars)).toBe(sum(lots));
        const days = bars.map(({ label }) => label).filter((label) => /^\d/.test(label));
        expect(days).toEqual([...days].sort());
      }),
    );
  });

  it('of stays rise to all of them', () => {
    const stays = [3, 1, 2].map((hours) => ({ hours, ended: true }));
    expect(stepsOf([...stays, { hours: 9, ended: false }])).toEqual([
      { hours: 1, share: 1 / 3 },
      { hours: 2, share: 2 / 3 },
      { hours: 3, share: 1 },
    ]);
  });
});

describe('cookies and addresses', () => {
  it('keep the newest twenty capabilities', () => {
    let cookie = '';
    const id = (n: number): string => `00000000-0000-4000-8000-${n.toString().padStart(12, '0')}`;
    for (let n = 0; n < 25; n += 1) {
      cookie = withOwnAction(readOwnActions(cookie), id(n), 'c'.repeat(43));
    }
    expect([...readOwnActions(cookie).keys()]).toEqual(
      Array.from({ length: 20 }, (_, n) => id(n + 5)),
    );
    expect(readOwnActions('x~y.z~').size).toBe(0);
  });

  it('lead to places of ours only', () => {
    expect(safePath('/items/1?x=y#c')).toBe('/items/1?x=y#c');
    for (const bad of ['', '//a', '/\\a', 'https://a', 'javascript:1', '/a b', '/a\nb']) {
      expect(safePath(bad)).toBe('/');
    }
  });
});

describe('what a schema refuses', () => {
  it.each([
    ['Too small: expected number to be >=1000', 'At least 1,000.'],
    ['Too big: expected number to be <=700000', 'At most 700,000.'],
    ['Too small: expected string to have >=1 characters', 'At least 1 character.'],
    ['Invalid input: expected number, received NaN', 'This is missing, or not as it should be.'],
    ['the option is of another poll', 'The option is of another poll.'],
  ])('is told to whoever has filled in a form: %s', (message, told) => {
    expect(plainMessage(message)).toBe(told);
  });
});

describe('what an action is about', () => {
  const item = { id: '7', kind: 'discussion', name: 'A guide' };
  it.each([
    ['ZAP', item, null, 'Zap: A guide'],
    ['ITEM_CREATE', { ...item, kind: 'comment', name: 'It went on' }, null, 'Reply: It went on'],
    ['ITEM_CREATE', { ...item, name: '' }, null, 'Post: deleted'],
    ['TERRITORY_BILLING', null, 'lightning', 'Payment for a territory: ~lightning'],
    ['BUY_CREDITS', null, null, 'Purchase of credits'],
  ] as const)('is named: %s', (type, about, territory, name) => {
    const subject = { actionId: 'a', type, actor: null, item: about, territory };
    expect(fullName(subject, type)).toBe(name);
  });
});
