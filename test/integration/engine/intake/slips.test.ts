import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChat } from '../../../../adapters/chat/webhook.js';
import { runNotices } from '../../../../engine/intake/incidents/run-notices.js';
import type { Senders } from '../../../../engine/intake/incidents/send.js';
import { recoverSince } from '../../../../engine/intake/recover.js';
import { replayDeliveries } from '../../../../engine/intake/events/replay.js';
import { askForSlips } from '../../../../engine/intake/slips/ask-for-slips.js';
import { changeSlips } from '../../../../engine/intake/stores/change-settings.js';
import { startSmtp, type TestSmtp } from '../../../support/smtp.js';
import { IntakeFixture, type TestStore } from './fixture.helper.js';

let fixture: IntakeFixture;
let smtp: TestSmtp;
let senders: Senders;
beforeAll(async () => {
  fixture = await IntakeFixture.start();
  smtp = await startSmtp();
  const { pool, context } = fixture;
  senders = {
    ...{ pool, keys: context.keys, chat: createChat({ spacingMs: 0 }) },
    ...{ mail: smtp.mail, mailDomain: 'quittance.test' },
  };
});
afterAll(async () => {
  await smtp.close();
  await fixture.close();
});

let stores = 0;
const newStore = (slips: object = {}): Promise<TestStore> =>
  fixture.store(`slips-${(stores += 1)}`, { slips: { graceSeconds: 0, ...slips } });

const seat = (id: number, quantity: number, names: readonly string[] = []) => ({
  ...{ id, name: 'Course', product_id: 93, quantity, total: '10.00' },
  meta_data: names.map((value) => ({ key: 'attendee_name', value })),
});
const TWO = [seat(1, 2, ['Eve', 'Bob'])];

/** Mails of what is due now; gives their texts. */
async function mail(store: TestStore): Promise<string[]> {
  const before = smtp.mails.length;
  await runNotices(senders, store.id);
  return smtp.mails.slice(before);
}

/** As `name mail validity`, by position and version. */
async function slips(store: TestStore): Promise<string[]> {
  const { rows } = await fixture.pool.query<{ slip: string }>(
    `select concat_ws(' ', nullif(p.name, ''), s.mail, s.validity) as slip from slips s
     join participants p using (store, order_id, line_item, position) where store = $1
     order by order_id, line_item, position, version`,
    [store.id],
  );
  return rows.map(({ slip }) => slip);
}

const ask = (store: TestStore, orderId: bigint | null, { again = false, preview = false } = {}) =>
  askForSlips(fixture.context, { store: store.id, orderId, again, preview });

describe('an order in a configured status', () => {
  it('has its participants saved once, and each mailed one slip as text and HTML', async () => {
    const store = await newStore();
    await store.tell('created', { id: 1n, status: 'pending', items: TWO });
    expect(await slips(store)).toEqual([]);
    await store.tell('updated', { id: 1n, modified: 70, items: TWO });
    expect(await slips(store)).toEqual(['Eve waiting valid', 'Bob waiting valid']);
    const mails = await mail(store);
    expect(mails).toHaveLength(2);
    expect(mails[0]).toMatch(/To: payer@example\.org/);
    expect(mails[0]).toMatch(
      /Content-Type: text\/plain[\s\S]*Hello Eve[\s\S]*Content-Type: text\/html/,
    );
    expect(mails[1]).toContain('Hello Bob');
    // The same again, by another topic, and an older one.
    await store.tell('created', { id: 1n, modified: 70, items: TWO });
    await store.tell('updated', { id: 1n, modified: 65, status: 'pending', items: TWO });
    await store.tell('updated', { id: 1n, modified: 90, status: 'completed', items: TWO });
    expect(await mail(store)).toEqual([]);
    expect(await slips(store)).toEqual(['Eve sent valid', 'Bob sent valid']);
  });

  it('outdates what was sent when it changes, and voids it when it is refunded or cancelled', async () => {
    const store = await newStore();
    await store.tell('created', { id: 1n, items: TWO });
    await mail(store);
    await store.tell('updated', {
      id: 1n,
      modified: 70,
      items: [seat(1, 3, ['Eve', 'Rob', 'Zoe'])],
    });
    expect(await slips(store)).toEqual([
      'Eve sent valid',
      'Rob sent outdated',
      'Zoe waiting valid',
    ]);
    expect(await mail(store)).toHaveLength(1);
    const refunds = [{ id: 900, reason: '', total: '-1.00' }];
    const one = { id: 1n, items: [seat(1, 1, ['Eve'])], refunds };
    await store.tell('updated', { ...one, modified: 80 });
    expect(await slips(store)).toEqual(['Eve sent outdated', 'Rob sent void', 'Zoe sent void']);
    await store.tell('updated', { ...one, modified: 90, status: 'refunded' });
    expect(await slips(store)).toEqual(['Eve sent void', 'Rob sent void', 'Zoe sent void']);
    await expect(ask(store, 1n, { again: true })).rejects.toMatchObject({
      code: 'store.order_over',
    });
    // Taken back: nothing is mailed before somebody asks.
    await store.tell('updated', { ...one, modified: 100 });
    expect(await mail(store)).toEqual([]);
    expect(await ask(store, 1n, { preview: true })).toMatchObject({ mails: 1 });
  });

  it('does not mail what was cancelled before it was sent, and does once it is paid again', async () => {
    const store = await newStore();
    await store.tell('created', { id: 1n, items: TWO });
    await store.tell('updated', { id: 1n, modified: 70, status: 'cancelled', items: TWO });
    expect(await mail(store)).toEqual([]);
    await store.tell('updated', { id: 1n, modified: 80, items: TWO });
    expect(await mail(store)).toHaveLength(2);
  });

  it('is mailed again only on request, as another version', async () => {
    const store = await newStore({ subject: 'Slip {{version}} of {{name}}' });
    await store.tell('created', { id: 1n, items: TWO });
    await mail(store);
    expect(await ask(store, 1n)).toMatchObject({ mails: 0 });
    expect(await ask(store, 1n, { again: true, preview: true })).toMatchObject({
      mails: 2,
      again: 2,
    });
    expect(await mail(store)).toEqual([]);
    expect(await ask(store, 1n, { again: true })).toMatchObject({ mails: 2, again: 2 });
    expect((await mail(store))[0]).toContain('Subject: Slip 2 of Eve');
    expect(await slips(store)).toEqual([
      ...['Eve sent outdated', 'Eve sent valid', 'Bob sent outdated', 'Bob sent valid'],
    ]);
  });
});

describe('nothing is mailed to customers', () => {
  it('by adopting, reconciling and recovering, until somebody asks', async () => {
    const store = await newStore();
    await store.tell('updated', { id: 1n, created: -60, modified: 60, items: TWO });
    store.has({ id: 2n, modified: 60, items: TWO });
    await store.run('reconcile');
    const since = new Date(Date.now() - 3 * 3_600_000);
    store.has({ id: 3n, modified: 70, items: TWO });
    await recoverSince(fixture.context, store.id, { since, preview: false });
    expect(await mail(store)).toEqual([]);
    expect(await ask(store, null, { preview: true })).toMatchObject({ mails: 6 });
    expect(await mail(store)).toEqual([]);
    expect(await ask(store, 2n)).toMatchObject({ mails: 2 });
    expect(await mail(store)).toHaveLength(2);
    expect(await ask(store, null)).toMatchObject({ mails: 4 });
    expect(await mail(store)).toHaveLength(4);
  });

  it('by a replayed delivery; by a late one it is', async () => {
    const store = await newStore();
    await store.deliver('order.created', store.has({ id: 1n, items: TWO }), 'later');
    const { context } = fixture;
    await fixture.addSecret(store.id, 'later');
    expect(await replayDeliveries(context, store.id, { preview: false })).toBe(1);
    await store.apply();
    expect(await slips(store)).toEqual(['Eve held valid', 'Bob held valid']);
    store.has({ id: 2n, items: TWO });
    await store.run('reconcile');
    expect(await mail(store)).toEqual([]);
    await store.tell('created', { id: 2n, items: TWO });
    expect(await mail(store)).toHaveLength(2);
  });
});

describe('our own side', () => {
  it('makes up for participants that were not saved, tells it, and is well once slips are sent', async () => {
    const store = await newStore();
    await changeSlips(fixture.context, store.id, null);
    await store.tell('created', { id: 1n, items: TWO });
    await store.tell('updated', { id: 2n, created: -60, modified: 60, items: TWO });
    // As if reading them had failed.
    await fixture.pool.query(
      `update stores set slips_since = installed_at, settings = settings || '{"slips": {"graceSeconds": 0}}' where id = $1`,
      [store.id],
    );
    await store.run('slips');
    expect(await store.incidents()).toEqual({ 'slip_missing/slips': ['1'] });
    expect(await mail(store)).toHaveLength(2);
    expect(await store.incidents()).toEqual({});
  });

  it('tells of slips that a mail server refuses, and of held ones in the digest only', async () => {
    const store = await newStore();
    await store.tell('created', { id: 1n, items: TWO });
    store.has({ id: 2n, items: TWO });
    await store.run('reconcile');
    smtp.refuseWith = 450;
    await mail(store);
    smtp.refuseWith = null;
    await store.run('slips');
    expect(await store.incidents()).toEqual({
      'slip_missing/held': ['2'],
      'slip_missing/slips': ['1'],
    });
    await fixture.pool.query('update slips set due_at = clock_timestamp() where store = $1', [
      store.id,
    ]);
    expect(await mail(store)).toHaveLength(2);
    await ask(store, 2n);
    expect(await mail(store)).toHaveLength(2);
    await store.run('slips');
    expect(await store.incidents()).toEqual({});
  });
});
