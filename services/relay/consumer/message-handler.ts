import type { ClientBase } from 'pg';
import type { StreamName } from '../../../domain/names/subjects.js';
import type { ApplyOutcome } from '../../../engine/context.js';

/** What is done with the messages of a stream: `Found` is known of a fact that is applied alone, `About` of one in company. */
export interface MessageHandler<F = unknown, Found = undefined, About = never> {
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
  readonly apply: (tx: ClientBase, fact: F, found?: Found) => Promise<ApplyOutcome>;
  /** Where several can be applied in one transaction. */
  readonly company?: BatchHandler<F, About>;
}

/** What a fact needs that is applied alone. */
export type HandlerOfOne<F, Found> = Omit<MessageHandler<F, Found>, 'company'>;

/** A fact, and what it is about. */
export interface BatchItem<F, About> {
  readonly fact: F;
  readonly about: About;
}

/** How facts are applied that have come meanwhile, many in the statements of one. */
export interface BatchHandler<F, About> {
  /** Looks up what never changes; undefined for a fact that has to be applied alone, after the others. */
  readonly find: (
    db: Pick<ClientBase, 'query'>,
    facts: readonly F[],
  ) => Promise<(About | undefined)[]>;
  /** The outcome of each. What it throws costs nobody anything: each is then applied alone. */
  readonly apply: (
    tx: ClientBase,
    companions: readonly BatchItem<F, About>[],
  ) => Promise<ApplyOutcome[]>;
}
