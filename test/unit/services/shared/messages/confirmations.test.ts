import { describe, expect, it } from 'vitest';
import { readConfirmation } from '../../../../../services/shared/messages/confirmations.js';

const body = {
  uuid: '409348bc-6af0-4999-b715-4136753979df',
  txSeqNum: 7,
  region: 4,
  at: '2026-11-21T05:20:52.929Z',
};

describe('a confirmation', () => {
  it.each(['tx', 'rx'] as const)('of kind %s is recognised by its subject', (kind) => {
    expect(readConfirmation(body, `confirmations.${kind}.4`)).toEqual({
      kind,
      region: 4,
      txSeqNum: 7,
    });
  });

  it.each([
    ['another region', body, 'confirmations.tx.5'],
    ['another kind', body, 'confirmations.xx.4'],
    ['a region that does not exist', { ...body, region: 6 }, 'confirmations.tx.6'],
    ['no number', { ...body, txSeqNum: 0 }, 'confirmations.tx.4'],
    ['a number too large for us', { ...body, txSeqNum: 2 ** 31 }, 'confirmations.tx.4'],
    ['no order', { ...body, uuid: 'x' }, 'confirmations.tx.4'],
    ['no time', { ...body, at: 'yesterday' }, 'confirmations.tx.4'],
    ['nothing', null, 'confirmations.tx.4'],
  ])('is refused: %s', (_what, wrong, subject) => {
    expect(() => readConfirmation(wrong, subject)).toThrow();
  });
});
