import { credits } from './credits/credits.js';
import type { DatabaseBench } from './database-bench.js';
import { inserts } from './floors/inserts.js';
import { jetstream } from './floors/jetstream.js';
import { node } from './floors/node.js';
import { temporal } from './floors/temporal.js';
import { update } from './floors/update.js';
import { actions } from './ours/actions.js';
import { contention } from './ours/contention.js';
import { hold } from './ours/hold.js';
import { intake } from './ours/intake.js';
import { lightning } from './ours/lightning.js';
import { memory } from './ours/memory.js';
import { opening } from './ours/opening.js';
import { order } from './ours/order.js';
import { pages } from './ours/pages.js';
import { satellite } from './ours/satellite.js';
import { sustained } from './ours/sustained.js';
import { withdrawal } from './ours/withdrawal.js';
import { wrapped } from './ours/wrapped.js';
import { zap } from './ours/zap.js';
import { tracing } from './ours/tracing.js';
import type { Part } from './part.js';
import { trust } from './trust/trust.js';

/** In the order of a round: floors next to the parts that are compared with them. */
export const PARTS: readonly Part[] = [
  inserts,
  opening,
  tracing,
  node,
  jetstream,
  update,
  zap,
  hold,
  wrapped,
  withdrawal,
  lightning,
  contention,
  actions,
  order,
  intake,
  satellite,
  pages,
  temporal,
  sustained,
  memory,
  { ...credits, prepare: (bench) => credits.prepare(bench) },
  { ...trust, prepare: (bench) => trust.prepare(bench) },
];

/** Parts that need only PostgreSQL. If no others are chosen, nothing else is started. */
export const DATABASE_PARTS: readonly Part<DatabaseBench>[] = [credits, trust];
