import type { Opened } from '../actors.js';
import type { Part, Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { terminateWorkflows, waitForEmptyOutbox } from './idle-wait.js';
import { publishSettled } from './invoice-updates.js';
import { prepareRounds, type Round } from './open-and-pay.js';

const AT_ONCE = 100;
const TURNS = 5;

/** Who pays the nth of the payments made at once, and whose item. */
const SHAPES = {
  spread: { title: '100 payers and payees', payer: (n: number) => n, payee: (n: number) => n },
  payer: { title: 'one payer', payer: () => 0, payee: (n: number) => n },
  payee: { title: 'one payee', payer: (n: number) => n, payee: () => 0 },
} as const;
type Shape = keyof typeof SHAPES;
const shapes: readonly Shape[] = ['spread', 'payer', 'payee'];
const ways = { credits: 'by credits', invoice: 'by invoice' } as const;
type Way = keyof typeof ways;

/** 100 payments at once: what it costs that all of them change the same account. */
export const contention: Part = {
  name: 'contention',
  figures: (['credits', 'invoice'] as const).flatMap((way) =>
    shapes.map((shape): FigureSpec => ({
      id: `contention.${way}.${shape}`,
      title: `100 payments at once ${ways[way]}, ${SHAPES[shape].title}`,
      unit: 'per second',
      ...(shape === 'spread'
        ? {}
        : {
            floor: `contention.${way}.spread`,
            aim: { of: 'ratio', is: 'at least', bound: 0.7 },
          }),
    })),
  ),
  prepare: (bench) => prepareRounds(bench, { quiet: 1, burst: 1, updates: 1 }, contentionRound),
};

async function contentionRound(round: Round): Promise<Values> {
  await round.actors.prepareAccounts(AT_ONCE, true);
  const seconds: Record<string, number> = {};
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const shape of shapes) {
      for (const way of ['credits', 'invoice'] as const) {
        const id = `contention.${way}.${shape}`;
        seconds[id] = (seconds[id] ?? 0) + (await payAtOnce(round, way, shape));
        await waitForEmptyOutbox(round.bench);
        await terminateWorkflows(round.bench);
      }
    }
  }
  return Object.fromEntries(
    Object.entries(seconds).map(([id, taken]) => [id, (AT_ONCE * TURNS) / taken]),
  );
}

/** Seconds until all are paid: the answers of openings by credits, the events of invoices. */
async function payAtOnce(round: Round, way: Way, shape: Shape): Promise<number> {
  const { payer, payee } = SHAPES[shape];
  const open = (n: number): Promise<Opened> => round.actors.openZapBetween(payer(n), payee(n), way);
  const numbers = Array.from({ length: AT_ONCE }, (_, n) => n);
  let startedAt = performance.now();
  const opened = await Promise.all(numbers.map(open));
  if (way === 'invoice') {
    await waitForEmptyOutbox(round.bench);
    startedAt = performance.now();
    const paid = opened.map(({ id }) => round.outcomes.of(id));
    await Promise.all(opened.map((one) => publishSettled(round.bench, one)));
    await Promise.all(paid);
  }
  return (performance.now() - startedAt) / 1000;
}
