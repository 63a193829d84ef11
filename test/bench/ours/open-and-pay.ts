import { Actors, type Opened } from '../actors.js';
import type { Bench, Sizes } from '../bench.js';
import { burst } from '../callers.js';
import type { PreparedPart, Values } from '../part.js';
import { waitForEmptyOutbox } from './idle-wait.js';
import { Outcomes } from './outcomes.js';

/** What a round of a part needs that opens payables and publishes their payments. */
export interface Round {
  readonly bench: Bench;
  readonly actors: Actors;
  readonly outcomes: Outcomes;
  readonly sizes: Pick<Sizes, 'quiet' | 'burst' | 'updates'>;
}

/** Creates the actors, listens for outcomes and runs a small round to warm up. */
export async function prepareRounds(
  bench: Bench,
  warmUp: Round['sizes'],
  run: (round: Round) => Promise<Values>,
): Promise<PreparedPart> {
  const { apiUrl, operatorToken, nats } = bench.parts;
  const actors = await Actors.create(apiUrl, operatorToken);
  const outcomes = new Outcomes(nats);
  await run({ bench, actors, outcomes, sizes: warmUp });
  return {
    round: () => run({ bench, actors, outcomes, sizes: bench.options.sizes }),
    stop: () => {
      outcomes.close();
      return Promise.resolve();
    },
  };
}

/** Opens a burst. `backlog` is the time in s from its end until every workflow is started. */
export async function openBurst(
  { bench, sizes }: Round,
  open: () => Promise<Opened>,
): Promise<{ opened: Opened[]; perSecond: number; backlog: number }> {
  const opened: Opened[] = [];
  const perSecond = await burst(sizes.burst, async () => {
    opened.push(await open());
  });
  const endedAt = performance.now();
  await waitForEmptyOutbox(bench);
  return { opened, perSecond, backlog: (performance.now() - endedAt) / 1000 };
}

/** Opens one after the other, and waits until their workflows are started. */
export async function openQuietly(
  { bench, sizes }: Round,
  open: () => Promise<Opened>,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  for (let index = 0; index < sizes.quiet; index += 1) opened.push(await open());
  await waitForEmptyOutbox(bench);
  return opened;
}
