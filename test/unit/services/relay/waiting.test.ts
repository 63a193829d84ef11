import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNotifier } from '../../../../db/notifier.js';
import { Wakeup } from '../../../../services/relay/alarm.js';
import { backoffMs } from '../../../../services/relay/backoff.js';
import { forEachConcurrently } from '../../../../services/relay/concurrently.js';
import { every } from '../../../../services/relay/every.js';
import { Semaphore } from '../../../../services/relay/semaphore.js';

const LONG_MS = 60_000;

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((take) => (resolve = take));
  return { promise, resolve };
}

describe('the alarm', () => {
  it('ends the wait that is under way', async () => {
    const alarm = new Wakeup();
    const waited = alarm.wait(LONG_MS);
    alarm.ring();
    await waited;
  });

  it('ends the next wait when nobody was waiting, once', async () => {
    const alarm = new Wakeup();
    alarm.ring();
    await alarm.wait(LONG_MS);
    let over = false;
    const second = alarm.wait(LONG_MS).then(() => (over = true));
    await Promise.resolve();
    expect(over).toBe(false);
    alarm.ring();
    await second;
  });
});

describe('backing off', () => {
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
  it('never exceeds its limit, and does everything once, in order', async () => {
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

  it('waits for what is under way before it rejects', async () => {
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

describe('slots', () => {
  it('let in as many as there are, and drain when all are given back', async () => {
    const slots = new Semaphore(2);
    await slots.take();
    await slots.take();
    let third = false;
    const taken = slots.take().then(() => (third = true));
    await Promise.resolve();
    expect(third).toBe(false);
    slots.give();
    await taken;
    let drained = false;
    const draining = slots.drained().then(() => (drained = true));
    slots.give();
    await Promise.resolve();
    expect(drained).toBe(false);
    slots.give();
    await draining;
  });
});

describe('the notifier', () => {
  it('tells once for any number of calls while it is telling, then once more', async () => {
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

  it('goes on after a failure', async () => {
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

describe('repeated work', () => {
  it('is done again although it failed, and stops after the run under way', async () => {
    const errors: unknown[] = [];
    const thrice = deferred<undefined>();
    let runs = 0;
    const repeated = every(
      1,
      () => {
        runs += 1;
        if (runs === 3) thrice.resolve(undefined);
        return Promise.reject(new Error(`run ${runs}`));
      },
      (error) => errors.push(error),
    );
    await thrice.promise;
    await repeated.stop();
    expect(errors.length).toBe(runs);
    const runsAtStop = runs;
    await new Promise(setImmediate);
    expect(runs).toBe(runsAtStop);
  });
});
