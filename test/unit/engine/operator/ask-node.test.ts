import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askNode } from '../../../../engine/operator/payment/ask-node.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const hashes = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => n.toString(16).padStart(64, '0'));

describe('asking the node about invoices', () => {
  it('waits two seconds for all of them together, and says which were not answered', async () => {
    const [quick = '', ...others] = hashes(3);
    const lookupInvoice = (hash: string): Promise<undefined> =>
      hash === quick ? Promise.resolve(undefined) : new Promise(() => undefined);
    const asking = askNode({ lookupInvoice }, [quick, ...others]);
    await vi.advanceTimersByTimeAsync(2_000);
    const views = await asking;
    expect(views.get(quick)).toEqual({ view: { answer: 'unknown_hash' } });
    for (const hash of others) {
      expect(views.get(hash)).toEqual({
        view: { answer: 'none', error: 'no answer within 2000 ms' },
      });
    }
  });

  it('leaves no timer, and asks of many only the first', async () => {
    const lookupInvoice = vi.fn(() => Promise.reject(new Error('away')));
    const views = await askNode({ lookupInvoice }, hashes(50));
    expect(lookupInvoice).toHaveBeenCalledTimes(20);
    expect(views.size).toBe(20);
    expect(views.get(hashes(1)[0] ?? '')).toEqual({ view: { answer: 'none', error: 'away' } });
    expect(vi.getTimerCount()).toBe(0);
  });
});
