import { describe, expect, it } from 'vitest';
import { type OrderView, publicOrder } from '../../../../domain/transmissions/public-order.js';

const order: OrderView = {
  id: '409348bc-6af0-4999-b715-4136753979df',
  state: 'transmitting',
  bidMsat: 2000n,
  unpaidBidMsat: 0n,
  bidPerByte: 2000 / 53,
  messageSize: 1,
  messageDigest: '00',
  regions: 63,
  txSeqNum: 7,
  createdAt: new Date('2026-11-21T05:20:52.929Z'),
  cancelledAt: null,
  startedAt: new Date('2026-11-21T05:20:52.929Z'),
  endedAt: new Date('2026-11-21T05:20:53.000Z'),
};

describe('the public order object', () => {
  it('has the peer’s 13 fields and its times', () => {
    expect(publicOrder(order)).toEqual({
      uuid: '409348bc-6af0-4999-b715-4136753979df',
      bid: 2000n,
      unpaid_bid: 0n,
      bid_per_byte: 37.735849056603776,
      message_size: 1,
      message_digest: '00',
      status: 'transmitting',
      created_at: '2026-11-21T05:20:52',
      cancelled_at: null,
      started_transmission_at: '2026-11-21T05:20:52.929000',
      ended_transmission_at: '2026-11-21T05:20:53',
      tx_seq_num: 7,
      regions: [0, 1, 2, 3, 4, 5],
    });
  });

  it('names the missing regions of a repetition', () => {
    expect(publicOrder(order, 42).regions).toEqual([1, 3, 5]);
  });
});
