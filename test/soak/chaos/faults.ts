import type { z } from 'zod';
import type {
  faultRuleSchema,
  faultsSchema,
} from '../../../adapters/lightning/simulator-client/faults.js';
import type { Dice } from './dice.js';

type Rule = z.input<typeof faultRuleSchema>;

const CALLS = [
  'create_invoice',
  'lookup_invoice',
  'settle_invoice',
  'cancel_invoice',
  'pay',
] as const;

/** A node that is in trouble: slow, away, its answers lost, its events dropped, doubled, out of order. */
export function troubledNode(dice: Dice): z.input<typeof faultsSchema> {
  const rules: Rule[] = CALLS.flatMap((operation) =>
    dice.chance(0.7)
      ? [{ operation, probability: dice.between(5, 30) / 100, ...effect(dice) }]
      : [],
  );
  if (dice.chance(0.3)) {
    const code = 'bad_request';
    rules.push({ operation: 'create_invoice', probability: 0.1, effect: 'refuse', code });
  }
  if (dice.chance(0.3)) rules.push({ operation: 'subscribe', probability: 0.5, effect: 'cut' });
  const some = (): number => dice.pick([0, 0, 0.05, 0.2]);
  const events = { drop: some(), double: some(), reorder: some(), repeat: some() };
  return { seed: dice.between(1, 1_000_000), rules, events };
}

type Effect =
  | { effect: 'slow'; ms: number }
  | { effect: 'unavailable' | 'cut' | 'lose_answer' }
  | { effect: 'late'; ms: number; answer: 'unavailable' | 'cut' };

function effect(dice: Dice): Effect {
  return dice.weighted<Effect>([
    [3, { effect: 'slow', ms: dice.between(20, 4_000) }],
    [2, { effect: 'unavailable' }],
    [2, { effect: 'cut' }],
    [4, { effect: 'lose_answer' }],
    [3, { effect: 'late', ms: dice.between(50, 3_000), answer: dice.pick(['unavailable', 'cut']) }],
  ]);
}
