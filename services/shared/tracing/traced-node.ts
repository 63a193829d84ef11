import { SpanKind } from '@opentelemetry/api';
import type { LightningPort } from '../../../adapters/lightning/port.js';
import { inSpan, isTracing } from './span.js';

/** The calls that change something, or that somebody waits for. */
const CALLS: ReadonlySet<string> = new Set<keyof LightningPort>([
  ...(['createInvoice', 'lookupInvoice', 'settleInvoice', 'cancelInvoice'] as const),
  ...(['sendPayment', 'lookupPayment', 'estimateRoute'] as const),
]);

/** The same node, whose calls are spans of the trace in which they are made. */
export function tracedNode(node: LightningPort): LightningPort {
  if (!isTracing()) return node;
  return new Proxy(node, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...args: unknown[]) => unknown;
      if (typeof name !== 'string' || !CALLS.has(name)) return call;
      const options = { kind: SpanKind.CLIENT, attributes: { 'peer.service': 'lightning' } };
      return (...args: unknown[]) =>
        inSpan(`lightning ${name}`, options, () => Promise.resolve(call(...args)));
    },
  });
}
