import { addMsat } from '../../../domain/money.js';
import type { Child, Quote } from './paid-action-type.js';

/** The same quote, for more. */
export function withChildren(quote: Quote, children: readonly Child[]): Quote {
  const costMsat = addMsat(quote.costMsat, ...children.map((child) => child.costMsat));
  return { ...quote, costMsat, children };
}
