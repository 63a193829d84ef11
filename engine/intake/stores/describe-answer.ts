import type { StoreAnswer } from '../../../adapters/woocommerce/port.js';

/** Why a store did not do what it was asked for. */
export function describeAnswer(answer: StoreAnswer<unknown>): string {
  if (answer.kind === 'refused') return answer.code;
  return answer.kind === 'unavailable' ? answer.reason : answer.kind;
}
