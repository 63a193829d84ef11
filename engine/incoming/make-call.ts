import type { NodeCallKind } from '../../domain/invoices/node-calls.js';
import type { EngineContext } from '../context.js';

/** Makes the call that a row of the outbox asks for, and applies its result. Throws when it is to be tried again. */
export function makeCall(_engine: EngineContext, kind: NodeCallKind, hash: string): Promise<void> {
  return Promise.reject(new Error(`${kind} of ${hash}: not written yet`));
}
