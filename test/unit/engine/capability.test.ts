import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  capabilityMatches,
  capabilityOf,
  hashOfCapability,
} from '../../../engine/accounts/caller.js';
import { isToken, newToken } from '../../../engine/accounts/tokens.js';

describe('capabilities', () => {
  it('come from the secret and the action, and open that action only', () => {
    const text = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(text, text, fc.uuid(), fc.uuid(), (secret, other, id, otherId) => {
        fc.pre(secret !== other && id !== otherId);
        const capability = capabilityOf(secret, id);
        const hash = hashOfCapability(capability);
        expect(capabilityOf(secret, id)).toBe(capability);
        expect(capabilityMatches(capability, hash)).toBe(true);
        expect(capabilityMatches(capabilityOf(secret, otherId), hash)).toBe(false);
        expect(capabilityMatches(capabilityOf(other, id), hash)).toBe(false);
      }),
    );
  });

  it('open nothing where one is missing', () => {
    expect(capabilityMatches(undefined, hashOfCapability(''))).toBe(false);
    expect(capabilityMatches('', null)).toBe(false);
    expect(capabilityMatches('', undefined)).toBe(false);
  });
});

describe('tokens', () => {
  it('are long, well formed and never the same', () => {
    const tokens = Array.from({ length: 100 }, newToken);
    expect(new Set(tokens).size).toBe(100);
    expect(tokens.every(isToken)).toBe(true);
    for (const none of ['', 'qt_', 'x', `qt_${'a'.repeat(42)}`, `qt_${'a'.repeat(44)}`]) {
      expect(isToken(none)).toBe(false);
    }
  });
});
