import { describe, expect, it } from 'vitest';
import { throttle } from '../../../../services/relay/outbox/throttle.js';

const { signal } = new AbortController();

describe('what stands aside', () => {
  it('goes on at once when nothing is urgent, and when it is over', async () => {
    expect(await throttle(() => false, signal)).toBe(false);
    let looks = 0;
    expect(await throttle(() => (looks += 1) < 3, signal, 60_000)).toBe(false);
    expect(looks).toBe(3);
  });

  it('goes on all the same after a while, knowing that it is in the way', async () => {
    const startedAt = performance.now();
    expect(await throttle(() => true, signal, 50)).toBe(true);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(50);
  });

  it('does not keep a process that stops', async () => {
    const stopping = new AbortController();
    const standing = throttle(() => true, stopping.signal, 60_000);
    stopping.abort();
    expect(await standing).toBe(true);
  });
});
