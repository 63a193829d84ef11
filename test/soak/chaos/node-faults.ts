import type { z } from 'zod';
import type {
  faultRuleSchema,
  faultsSchema,
} from '../../../adapters/lightning/simulator-client/faults.js';
import type { SeededRandom } from './seeded-random.js';

type Rule = z.input<typeof faultRuleSchema>;

const CALLS = [
  'create_invoice',
  'lookup_invoice',
  'settle_invoice',
  'cancel_invoice',
  'send_payment',
] as const;

/** Faults of the node: slow or unavailable calls, lost answers, events that are dropped, doubled or reordered. */
export function randomNodeFaults(random: SeededRandom): z.input<typeof faultsSchema> {
  const rules: Rule[] = CALLS.flatMap((operation) =>
    random.chance(0.7)
      ? [{ operation, probability: random.between(5, 30) / 100, ...effect(random) }]
      : [],
  );
  if (random.chance(0.3)) {
    const code = 'bad_request';
    rules.push({ operation: 'create_invoice', probability: 0.1, effect: 'refuse', code });
  }
  if (random.chance(0.3)) rules.push({ operation: 'subscribe', probability: 0.5, effect: 'cut' });
  const some = (): number => random.pick([0, 0, 0.05, 0.2]);
  const events = { drop: some(), double: some(), reorder: some(), repeat: some() };
  return { seed: random.between(1, 1_000_000), rules, events };
}

type Effect =
  | { effect: 'slow'; ms: number }
  | { effect: 'unavailable' | 'cut' | 'lose_answer' }
  | { effect: 'late'; ms: number; answer: 'unavailable' | 'cut' };

function effect(random: SeededRandom): Effect {
  return random.weighted<Effect>([
    [3, { effect: 'slow', ms: random.between(20, 4_000) }],
    [2, { effect: 'unavailable' }],
    [2, { effect: 'cut' }],
    [4, { effect: 'lose_answer' }],
    [
      3,
      {
        effect: 'late',
        ms: random.between(50, 3_000),
        answer: random.pick(['unavailable', 'cut']),
      },
    ],
  ]);
}
