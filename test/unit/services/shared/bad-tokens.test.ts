import { expect, it } from 'vitest';
import { BadTokens } from '../../../../services/shared/bad-tokens.js';

it('counts per network for a minute, and tells when to come again', () => {
  let now = 0;
  const bad = new BadTokens(2, () => now);
  bad.count('10.0.0.1');
  bad.refuseTooMany('10.0.0.1');
  bad.count('10.0.0.1');
  now = 20_000;
  expect(() => bad.refuseTooMany('10.0.0.1')).toThrow(
    expect.objectContaining({ code: 'auth.too_many_bad_tokens', retryAfterSeconds: 40 }),
  );
  bad.refuseTooMany('10.0.0.2');
  // One customer has a whole /64.
  for (const address of ['2001:db8::1', '2001:db8::2']) bad.count(address);
  expect(() => bad.refuseTooMany('2001:db8::ffff')).toThrow('auth.too_many_bad_tokens');
  now = 60_000;
  bad.refuseTooMany('10.0.0.1');
});

it('forgets the oldest of too many networks', () => {
  const bad = new BadTokens(1, () => 0);
  for (let n = 0; n <= 10_000; n += 1) bad.count(`10.0.${n >> 8}.${n & 255}`);
  bad.refuseTooMany('10.0.0.0');
  expect(() => bad.refuseTooMany('10.0.0.1')).toThrow();
});
