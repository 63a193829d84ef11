import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { residentMb } from '../bench/ours/resident.js';
import { percentile } from '../bench/report/statistics.js';
import { waitUntil } from '../support/wait-until.js';
import { openStream, type OpenStream } from './pages/open-streams.js';

/** `npm run test:soak -- pages-streams`; a few minutes, whatever `--minutes` says. */
const STREAMS = 2_000;
const CHANGED = 100;
const AT_ONCE = 20;
const WARM_UP = 50;
const MOST_MS = 200;
const MOST_MB = 60;
/** A process is killed when it takes longer than 25 s; a browser comes back sooner. */
const DRAIN_MS = 10_000;

let system: System;

beforeAll(async () => {
  system = await System.start({
    environment: {
      ...{ QUITTANCE_UNPAID_LIMIT: '0', QUITTANCE_UNPAID_ORIGIN_LIMIT: '0' },
      ...{ QUITTANCE_API_CONNECTIONS_PER_NETWORK: '0', QUITTANCE_API_MAX_CONNECTIONS: '10000' },
      ...{ QUITTANCE_EVENT_STREAMS_PER_NETWORK: '0', QUITTANCE_EVENT_STREAMS: '0' },
      ...{ QUITTANCE_INVOICE_EXPIRY_SECONDS: '3600' },
    },
  });
});
afterAll(() => system.stop());

interface Opened {
  readonly id: string;
  readonly hash: string;
}

/** One after the other in a few lanes. */
async function inLanes<T, R>(all: readonly T[], act: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = all.entries();
  const lane = async (): Promise<void> => {
    for (const [n, one] of rest) results[n] = await act(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

it(`${STREAMS} pages of payments are open, and each is told what changes`, async () => {
  const { apiUrl } = system.parts;
  const client = await system.account('watched');
  const opened = await inLanes(Array.from({ length: STREAMS }), async (): Promise<Opened> => {
    const { action } = await client.openAction({
      ...{ type: 'BUY_CREDITS', args: { sats: 21 }, payment: 'invoice' },
    });
    return { id: action.id, hash: action.attempts.at(-1)?.invoice?.hash ?? '' };
  });
  const { pid = 0 } = system.processes.api;
  const warm = await inLanes(opened.slice(0, WARM_UP), ({ hash }) => openStream(apiUrl, hash));
  const before = await residentMb(pid);
  const others = await inLanes(opened.slice(WARM_UP), ({ hash }) => openStream(apiUrl, hash));
  const streams = new Map<string, OpenStream>([...warm, ...others].map((one) => [one.hash, one]));
  expect(streams.size).toBe(STREAMS);

  const times: number[] = [];
  const answers: number[] = [];
  for (const { id, hash } of opened.slice(-CHANGED)) {
    const stream = streams.get(hash);
    const already = stream?.events() ?? 0;
    const askedAt = performance.now();
    await client.cancelAction(id);
    answers.push(performance.now() - askedAt);
    await waitUntil('the event', () => Promise.resolve((stream?.events() ?? 0) > already));
    times.push((stream?.lastAt() ?? Infinity) - askedAt);
  }
  const grown = (await residentMb(pid)) - before;
  const [p50, p95] = [percentile(times, 50), percentile(times, 95)];

  const stoppedAt = performance.now();
  await Promise.all([
    system.processes.api.stop(),
    ...[...streams.values()].map((one) => one.ended),
  ]);
  const drained = performance.now() - stoppedAt;
  process.stdout.write(
    `${STREAMS} streams: events p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms after the request that changed something, which is answered after ${Math.round(percentile(answers, 50))} ms; ` +
      `the api grew by ${Math.round(grown)} MB, and ended them all ${Math.round(drained)} ms after SIGTERM\n`,
  );
  expect(p95).toBeLessThanOrEqual(MOST_MS);
  expect(grown).toBeLessThanOrEqual(MOST_MB);
  expect(drained).toBeLessThanOrEqual(DRAIN_MS);
});
