import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeEvent } from '../../../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../../../domain/money.js';
import { PublishWindow } from '../../../../services/lightning/watcher/publish-window.js';

function event(cursor: bigint): NodeEvent {
  return {
    ...{ type: 'invoice', cursor, at: new Date(0), hash: cursor.toString(16).padStart(64, '0') },
    ...{ state: 'settled', receivedMsat: ZERO_MSAT },
  };
}

describe('the window of a watcher', () => {
  it('never moves the cursor past an event that is not stored, and finally past all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 6 }),
        async (scheduler, count, size) => {
          const stored = new Set<bigint>();
          const cursors: bigint[] = [];
          let atOnce = 0;
          let most = 0;
          const window = new PublishWindow({
            size,
            publish: async ({ cursor }) => {
              most = Math.max(most, (atOnce += 1));
              await scheduler.schedule(Promise.resolve());
              atOnce -= 1;
              stored.add(cursor);
            },
            advance: async (cursor) => {
              for (let before = 1n; before <= cursor; before += 1n) {
                expect(stored.has(before)).toBe(true);
              }
              await scheduler.schedule(Promise.resolve());
              cursors.push(cursor);
            },
          });
          const pushing = (async () => {
            for (let cursor = 1n; cursor <= BigInt(count); cursor += 1n) {
              await window.push(event(cursor));
            }
          })();
          await scheduler.waitFor(pushing);
          await scheduler.waitIdle();
          expect(cursors.at(-1)).toBe(BigInt(count));
          expect(cursors).toEqual([...cursors].sort((a, b) => Number(a - b)));
          expect(most).toBeLessThanOrEqual(size);
        },
      ),
    );
  });

  it('accepts no more events when one cannot be published', async () => {
    const lost = new Error('lost');
    const window = new PublishWindow({
      size: 1,
      publish: () => Promise.reject(lost),
      advance: () => Promise.reject(new Error('not reached')),
    });
    await window.push(event(1n));
    expect(window.failed.reason).toBe(lost);
  });
});
