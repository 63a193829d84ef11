import type { Bench } from '../bench.js';
import type { Actors, Opened } from '../actors.js';
import { publishSettled } from './invoice-updates.js';

export const WALLET = 'bench-payer';

/** A way in which a zap is paid. */
export interface Flow {
  readonly name: string;
  /** Maximum number of workflow tasks in the performance budget. */
  readonly tasks: number;
  /** Aim for the rate of finished workflows, as a share of the bare workflow's. */
  readonly atLeast?: number;
  /** Whether the accounts need credits. */
  readonly rich: boolean;
  readonly open: (actors: Actors) => Promise<Opened>;
  /** What the payer does some time later. */
  readonly pay: (bench: Bench, opened: Opened) => Promise<unknown>;
}

export const FLOWS: readonly Flow[] = [
  {
    name: 'credits',
    tasks: 1,
    rich: true,
    open: (actors) => actors.openZap('credits'),
    pay: () => Promise.resolve(),
  },
  {
    name: 'optimistic',
    tasks: 2,
    atLeast: 0.9,
    rich: false,
    open: (actors) => actors.openZap(),
    pay: publishSettled,
  },
  {
    name: 'pessimistic',
    tasks: 2,
    atLeast: 0.8,
    rich: false,
    open: (actors) => actors.openAnonymousZap(),
    pay: (bench, { bolt11 }) => bench.wallets.pay(WALLET, bolt11),
  },
];
