import fc from 'fast-check';
import { LosslessNumber } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import type { LineItem, Meta } from '../../../../../domain/intake/order-snapshot.js';
import { readParticipants } from '../../../../../domain/intake/slips/participants.js';
import { slipRules } from '../../../../../domain/intake/slips/rules.js';
import { slipMail } from '../../../../../domain/intake/slips/slip-mail.js';

const item = (quantity: string, meta: readonly Meta[] = [], productId = 93n): LineItem => ({
  ...{ id: 7n, name: 'Course', productId, variationId: 0n, sku: '', quantity, total: '1', meta },
});
const billing = { firstName: 'Ada', lastName: 'Payer', email: 'payer@example.org' };
const rules = (given: object = {}) => slipRules.parse(given);

describe('participants', () => {
  it('are as many as units, each with a position of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -2, max: 300 }), { maxLength: 5 }), (quantities) => {
        const lineItems = quantities.map((n, id) => ({ ...item(String(n)), id: BigInt(id) }));
        const found = readParticipants({ lineItems, meta: [], billing }, rules());
        const expected = quantities.map((n) => Math.min(200, Math.max(0, n)));
        expect(found).toHaveLength(expected.reduce((sum, n) => sum + n, 0));
        expect(new Set(found.map((one) => `${one.lineItem}/${one.position}`)).size).toBe(
          found.length,
        );
      }),
    );
  });

  it('are named by the metadata of the item, then of the order, else by who pays', () => {
    const meta = [
      { key: 'attendee_name', value: ['Eve', ' Bob '] },
      { key: 'mail 2', value: 'bob@example.org' },
      { key: 'Size', value: new LosslessNumber('42') },
    ];
    const found = readParticipants(
      { lineItems: [item('3', meta)], meta: [{ key: 'Day', value: 'Friday' }], billing },
      rules({ emailKeys: ['mail {n}'], fieldKeys: ['Size', 'Day', 'none'] }),
    );
    expect(found.map(({ name, email }) => [name, email])).toEqual([
      ['Eve', 'payer@example.org'],
      ['Bob', 'bob@example.org'],
      ['Ada Payer', 'payer@example.org'],
    ]);
    expect(found[2]?.fields).toEqual({ Size: '42', Day: 'Friday' });
  });

  it('are of the chosen products only, and have no address that is more than one', () => {
    const lineItems = [item('1'), { ...item('1', [], 5n), id: 8n }];
    const meta = [{ key: 'attendee_email', value: 'a@example.org, b@example.org' }];
    const found = readParticipants({ lineItems, meta, billing }, rules({ products: ['5'] }));
    expect(found).toMatchObject([{ lineItem: 8n, email: 'payer@example.org' }]);
  });
});

describe('a slip', () => {
  it('escapes what customers wrote, and keeps its subject on one line', () => {
    const facts = { store: 'Shop', order: '5', version: 1, position: 1, product: 'A & B' };
    const mail = slipMail(rules({ fieldKeys: ['x'] }), {
      ...facts,
      ...{ name: '<b>Eve</b>\r\nBcc: all@example.org {{order}}', fields: { x: '<i>' } },
    });
    expect(mail.subject).toBe('Your registration: A & B');
    expect(mail.html).toContain('&lt;b&gt;Eve');
    expect(mail.html).toContain('A &amp; B');
    expect(mail.html).not.toMatch(/<b>|<i>/);
    // What is filled in is not filled in once more.
    expect(mail.text).toContain('{{order}}');
    const named = slipMail(
      { ...rules(), subject: '{{name}} {{nothing}}' },
      { ...facts, name: 'a\nb', fields: {} },
    );
    expect(named.subject).toBe('a b {{nothing}}');
  });
});
