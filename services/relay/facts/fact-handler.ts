import type { ClientBase } from 'pg';
import type { StreamName } from '../../../domain/names/subjects.js';

/** `known`: nothing new in it. `unknown`: about nothing of ours. */
export type FactOutcome = 'applied' | 'known' | 'unknown';

/** What is done with the messages of a stream. */
export interface FactHandler<F = unknown, Found = undefined> {
  readonly stream: StreamName;
  /** Only these of the stream's subjects. Default: all. */
  readonly subjects?: readonly string[];
  /** JetStream's name for who consumes, and ours in applied_messages: must never change. */
  readonly durable: string;
  /** Throws when the body is not what it should be. */
  readonly parse: (body: unknown, subject: string) => F;
  /** Looks up what never changes, before it is known whether the message is new. */
  readonly find?: (tx: ClientBase, fact: F) => Promise<Found>;
  /** In a transaction of its own, once per message id. A thrown {@link Refusal} sends the message to the dead letters. */
  readonly apply: (tx: ClientBase, fact: F, found?: Found) => Promise<FactOutcome>;
}
