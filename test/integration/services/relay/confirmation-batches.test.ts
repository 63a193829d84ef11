import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { confirmations } from '../../../../services/relay/consumer/confirmations.js';
import { applyBatch } from '../../../../services/relay/consumer/apply-batch.js';
import type { ConfirmationMessage } from '../../../../services/shared/messages/confirmations.js';
import {
  orderOf,
  placeAndPay,
  rowsOf,
  stateOf,
  useOrders,
} from '../../engine/transmissions/fixture.helper.js';

const fixture = useOrders();

const REGIONS = [0, 1, 2, 3, 4, 5];
const of = (kind: 'tx' | 'rx', txSeqNum: number, regions = REGIONS): ConfirmationMessage[] =>
  regions.map((region) => ({ kind, region, txSeqNum }));

async function deliver(bodies: readonly ConfirmationMessage[]): Promise<readonly string[]> {
  const targets = await confirmations.findBatchable?.(fixture.pool, bodies);
  const epoch = await readEpoch(fixture.pool);
  return applyBatch(
    fixture.engine,
    confirmations,
    bodies.flatMap((body, n) => {
      const target = targets?.[n];
      return target === undefined ? [] : [{ body, target, epoch, messageId: randomUUID() }];
    }),
  );
}

const eventsOf = async (id: string): Promise<string[]> => {
  const rows = await rowsOf<{ event: string }>(
    fixture,
    `select event from transitions where machine = 'order' and subject = $1 order by id`,
    [id],
  );
  return rows.map(({ event }) => event);
};

describe('confirmations that come together', () => {
  it('of one order share a transaction: it ends once, and the next one starts', async () => {
    const [one, two] = [await placeAndPay(fixture), await placeAndPay(fixture)];
    const { tx_seq_num: number } = await orderOf(fixture, one);
    const before = await rowsOf<{ xact: string }>(fixture, 'select txid_current() as xact');
    const outcomes = await deliver([...of('rx', number ?? 0), ...of('tx', number ?? 0)]);
    expect(outcomes).toEqual(Array(12).fill('applied'));
    const after = await rowsOf<{ xact: string }>(fixture, 'select txid_current() as xact');
    expect(BigInt(after[0]?.xact ?? 0) - BigInt(before[0]?.xact ?? 0)).toBe(2n);
    expect(await stateOf(fixture, one)).toBe('received');
    expect(await eventsOf(one)).toEqual(['opened', 'paid', 'started', 'sent', 'received']);
    expect(await stateOf(fixture, two)).toBe('transmitting');
    const ended = await rowsOf(
      fixture,
      `select from outbox where subject like 'transmissions.%.ended' and payload ->> 'uuid' = $1`,
      [one],
    );
    expect(ended).toHaveLength(1);
    expect(await deliver(of('tx', number ?? 0))).toEqual(Array(6).fill('known'));
  });

  it('of some regions leave it to the others, and those of other orders are applied apart', async () => {
    const [one, two] = [await placeAndPay(fixture), await placeAndPay(fixture)];
    const mixed = [...of('tx', 1, [0]), ...of('tx', 2, [0]), ...of('tx', 1, [2]), ...of('tx', 99)];
    const targets = await confirmations.findBatchable?.(fixture.pool, mixed);
    expect(targets?.filter((id) => id !== undefined)).toEqual([one, one]);
    expect(await deliver(mixed)).toEqual(['applied', 'applied']);
    expect(await eventsOf(one)).toEqual(['opened', 'paid', 'started', 'tx_confirmed']);
    expect(await stateOf(fixture, two)).toBe('transmitting');
  });
});
