import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNotifier } from '../../../../db/notifier.js';
import { Semaphore } from '../../../../engine/semaphore.js';
import { forEachConcurrently } from '../../../../services/relay/concurrency.js';
import { backoffMs, repeat, waitWhile } from '../../../../services/relay/timing.js';
import { Wakeup } from '../../../../services/shared/wakeup.js';

const LONG_MS = 60_000;

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((take) => (resolve = take));
  return { promise, resolve };
}

describe('a wakeup', () => {
  it('ends the current wait', async () => {
    const wakeup = new Wakeup();
    const waited = wakeup.wait(LONG_MS);
    wakeup.wake();
    await waited;
  });

  it('ends the next wait when nobody waits, once', async () => {
    const wakeup = new Wakeup();
    wakeup.wake();
    await wakeup.wait(LONG_MS);
    let over = false;
    const second = wakeup.wait(LONG_MS).then(() => (over = true));
    await Promise.resolve();
    expect(over).toBe(false);
    wakeup.wake();
    await second;
  });

  it('ends by itself after its time, and when its signal aborts', async () => {
    const wakeup = new Wakeup();
    await wakeup.wait(1);
    const stopping = new AbortController();
    const waited = wakeup.wait(LONG_MS, stopping.signal);
    stopping.abort();
    await waited;
    await wakeup.wait(LONG_MS, stopping.signal);
  });

  it('that came before an abort does not end a later wait', async () => {
    const wakeup = new Wakeup();
    wakeup.wake();
    await wakeup.wait(LONG_MS, AbortSignal.abort());
    let over = false;
    const second = wakeup.wait(LONG_MS).then(() => (over = true));
    await new Promise(setImmediate);
    expect(over).toBe(false);
    wakeup.wake();
    await second;
  });
});

describe('a backoff', () => {
  it('grows, within its bounds, without overflow', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), (failures) => {
        const ms = backoffMs(failures, 100, 30_000);
        const full = Math.min(30_000, 100 * 2 ** failures);
        expect(ms).toBeGreaterThanOrEqual(full / 2);
        expect(ms).toBeLessThanOrEqual(full);
      }),
    );
  });
});

describe('concurrent work', () => {
  it('never exceeds its limit, and handles every item once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 30 }),
        fc.integer({ min: 1, max: 8 }),
        async (count, limit) => {
          const items = Array.from({ length: count }, (_, i) => i);
          const begun: number[] = [];
          let running = 0;
          await forEachConcurrently(items, limit, async (item) => {
            begun.push(item);
            running += 1;
            expect(running).toBeLessThanOrEqual(limit);
            await Promise.resolve();
            running -= 1;
          });
          expect(begun).toEqual(items);
        },
      ),
    );
  });

  it('rejects only after the running work has ended', async () => {
    const slow = deferred<undefined>();
    let slowDone = false;
    const all = forEachConcurrently(['bad', 'slow'], 2, async (item) => {
      if (item === 'bad') throw new Error('bad');
      await slow.promise;
      slowDone = true;
    });
    slow.resolve(undefined);
    await expect(all).rejects.toThrow('bad');
    expect(slowDone).toBe(true);
  });
});

describe('a semaphore', () => {
  it('admits as many as its count, and is drained when all have released', async () => {
    const semaphore = new Semaphore(2);
    await semaphore.acquire();
    await semaphore.acquire();
    let third = false;
    const taken = semaphore.acquire().then(() => (third = true));
    await Promise.resolve();
    expect(third).toBe(false);
    semaphore.release();
    await taken;
    let drained = false;
    const draining = semaphore.drained().then(() => (drained = true));
    semaphore.release();
    await Promise.resolve();
    expect(drained).toBe(false);
    semaphore.release();
    await draining;
  });
});

describe('the notifier', () => {
  it('notifies once for any number of calls during a notification, then once more', async () => {
    const answers: (() => void)[] = [];
    const query = (): Promise<never> =>
      new Promise((resolve) => {
        answers.push(resolve as () => void);
      });
    const notify = createNotifier({ query }, () => undefined);
    for (let call = 0; call < 1_000; call += 1) notify();
    expect(answers).toHaveLength(1);
    answers[0]?.();
    await new Promise(setImmediate);
    expect(answers).toHaveLength(2);
    answers[1]?.();
    await new Promise(setImmediate);
    expect(answers).toHaveLength(2);
  });

  it('continues after a failure', async () => {
    const errors: unknown[] = [];
    const query = (): Promise<never> => Promise.reject(new Error('down'));
    const notify = createNotifier({ query }, (error) => errors.push(error));
    notify();
    await new Promise(setImmediate);
    notify();
    await new Promise(setImmediate);
    expect(errors).toHaveLength(2);
  });
});

describe('waiting while something holds', () => {
  const { signal } = new AbortController();

  it('ends at once when it does not hold, and when it no longer does', async () => {
    expect(await waitWhile(() => false, 1_000, signal)).toBe(false);
    let looks = 0;
    expect(await waitWhile(() => (looks += 1) < 3, 60_000, signal)).toBe(false);
    expect(looks).toBe(3);
  });

  it('ends after its time, and says that it still holds', async () => {
    const startedAt = performance.now();
    expect(await waitWhile(() => true, 50, signal)).toBe(true);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(50);
  });

  it('does not delay a process that stops', async () => {
    const stopping = new AbortController();
    const waiting = waitWhile(() => true, 60_000, stopping.signal);
    stopping.abort();
    expect(await waiting).toBe(true);
  });
});

describe('repeated work', () => {
  it('runs again after a failure, and stops after the current run', async () => {
    const errors: unknown[] = [];
    const thirdRun = deferred<undefined>();
    let runs = 0;
    const repeated = repeat(
      1,
      () => {
        runs += 1;
        if (runs === 3) thirdRun.resolve(undefined);
        return Promise.reject(new Error(`run ${runs}`));
      },
      (error) => errors.push(error),
    );
    await thirdRun.promise;
    await repeated.stop();
    expect(errors.length).toBe(runs);
    const runsAtStop = runs;
    await new Promise(setImmediate);
    expect(runs).toBe(runsAtStop);
  });
});
