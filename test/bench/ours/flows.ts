import type { Bench } from '../bench.js';
import type { Cast, Opened } from '../actors.js';
import { tellPaid } from './pay.js';

export const WALLET = 'bench-payer';

/** A way in which a zap is paid. */
export interface Flow {
  readonly name: string;
  /** Workflow tasks at most: the performance budget's. */
  readonly tasks: number;
  /** Whether its accounts need credits. */
  readonly rich: boolean;
  readonly open: (cast: Cast) => Promise<Opened>;
  /** What its payer does, a while later. */
  readonly pay: (bench: Bench, opened: Opened) => Promise<unknown>;
}

export const FLOWS: readonly Flow[] = [
  {
    name: 'credits',
    tasks: 1,
    rich: true,
    open: (cast) => cast.openZap('credits'),
    pay: () => Promise.resolve(),
  },
  { name: 'optimistic', tasks: 2, rich: false, open: (cast) => cast.openZap(), pay: tellPaid },
  {
    name: 'pessimistic',
    // Its start, the held payment, the answer of the node that settles it, and what the node then tells.
    tasks: 4,
    rich: false,
    open: (cast) => cast.openAnonymousZap(),
    pay: (bench, { bolt11 }) => bench.wallets.pay(WALLET, bolt11),
  },
];
