import { describe, expect, it } from 'vitest';
import { isOrderToken, orderToken } from '../../../../../services/api/satellite/tokens.js';

const UUID = '409348bc-6af0-4999-b715-4136753979df';
const TOKEN = 'dd9e98c713209d69e25d8877fe4c1cfc0da809592c7ad88416d826226fdcb779';

describe('order tokens', () => {
  it('are the same as the peer’s', () => {
    expect(orderToken('mySecretToken', UUID)).toBe(TOKEN);
  });

  it.each([
    [TOKEN, true],
    [TOKEN.toUpperCase(), false],
    [`${TOKEN}0`, false],
    [`0${TOKEN.slice(1)}`, false],
    ['', false],
    ['ü'.repeat(32), false],
  ])('%s', (sent, expected) => {
    expect(isOrderToken(['mySecretToken'], UUID, sent)).toBe(expected);
  });

  it('of an older key are valid beside those of the newest', () => {
    expect(isOrderToken(['newer', 'mySecretToken'], UUID, TOKEN)).toBe(true);
    expect(isOrderToken(['newer'], UUID, TOKEN)).toBe(false);
  });
});
