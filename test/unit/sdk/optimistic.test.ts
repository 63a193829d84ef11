import { NoAnswerError, OptimisticAction, type Progress } from '@quittance/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait-until.js';
import { FakeServer } from './fake-server.helper.js';

let server: FakeServer;
beforeEach(() => {
  server = new FakeServer();
});

type Seen = Progress<{ title: string }>;
const REQUEST = { type: 'ZAP', args: {} };

function perform(): { action: OptimisticAction<{ title: string }>; seen: Seen[] } {
  const seen: Seen[] = [];
  const local = { title: 'shown at once' };
  const onChange = (progress: Seen) => void seen.push(progress);
  return { action: new OptimisticAction(server, REQUEST, { local, onChange }), seen };
}

const stages = (seen: readonly Seen[]) => seen.map(({ stage }) => stage);

describe('an optimistic action', () => {
  it('is local at once, then pending, then paid', async () => {
    const { action, seen } = perform();
    expect(action.progress).toEqual({
      ...{ stage: 'local', local: { title: 'shown at once' }, offline: false },
    });
    await waitUntil('pending', () => action.progress.stage === 'pending');
    server.settle('PAID');
    expect((await action.ended).stage).toBe('paid');
    expect(stages(seen)).toEqual(['pending', 'paid']);
  });

  it('fails, and is shown as local again by a retry', async () => {
    const { action, seen } = perform();
    await waitUntil('pending', () => action.progress.stage === 'pending');
    server.settle('FAILED', 'INVOICE_EXPIRED');
    expect((await action.ended).stage).toBe('failed');
    const again = action.retry();
    expect(action.progress.stage).toBe('local');
    await waitUntil('pending', () => action.progress.stage === 'pending');
    server.settle('PAID');
    expect((await again).stage).toBe('paid');
    expect(stages(seen)).toEqual(['pending', 'failed', 'local', 'pending', 'paid']);
    expect(server.log).toEqual(['open', 'retry 1']);
  });

  it('offline: it stays local, is opened with one key, and goes on when the server is back', async () => {
    const keys = new Set<unknown>();
    let away = 2;
    const open = server.openAction.bind(server);
    server.openAction = (...given: unknown[]) => {
      const [, options] = given as [unknown, { idempotencyKey: string }];
      keys.add(options.idempotencyKey);
      away -= 1;
      return away >= 0 ? Promise.reject(new NoAnswerError('away')) : open();
    };
    const { action, seen } = perform();
    await waitUntil('pending', () => action.progress.stage === 'pending');
    expect(keys.size).toBe(1);
    expect(seen.map(({ stage, offline }) => `${stage} ${String(offline)}`)).toEqual([
      ...['local true', 'local false', 'pending false'],
    ]);
    server.settle('PAID');
    await action.ended;
  });

  it('what does not change is not told again', async () => {
    const { action, seen } = perform();
    await waitUntil('pending', () => action.progress.stage === 'pending');
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    server.settle('PAID');
    await action.ended;
    expect(stages(seen)).toEqual(['pending', 'paid']);
  });
});
