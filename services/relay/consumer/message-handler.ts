import type { ClientBase } from 'pg';
import type { StreamName } from '../../../domain/names/subjects.js';
import type { ApplyOutcome, EngineContext } from '../../../engine/context.js';

/** How the messages of a stream are applied. `Target` is what a message is about, such as the attempt that it pays. */
export interface MessageHandler<Body = unknown, Target = undefined> {
  readonly stream: StreamName;
  /** Only these of the stream's subjects. Default: all. */
  readonly subjects?: readonly string[];
  /** Name of the JetStream consumer, and in applied_messages: must never change. */
  readonly durable: string;
  /** Consumers of earlier releases, deleted when they are found. */
  readonly replaces?: readonly string[];
  /** Throws when the body does not have the expected form. */
  readonly parse: (body: unknown, subject: string) => Body;
  /** The target of a message that is applied alone. Read before it is known whether the message is new: must never change. */
  readonly findTarget: (tx: ClientBase, body: Body) => Promise<Target>;
  /**
   * The targets of those messages that may be applied in one transaction; undefined for the others, which are applied alone, after
   * them. Read without locks. Default: each message is applied alone.
   */
  readonly findBatchable?: (
    db: Pick<ClientBase, 'query'>,
    bodies: readonly Body[],
  ) => Promise<(Target | undefined)[]>;
  /**
   * Applies new messages; gives the outcome of each. More than one only where `findBatchable` has found a target for each. A thrown
   * {@link Refusal} of a message alone sends it to the dead letters; when several fail, each of them is applied alone.
   */
  readonly apply: (
    engine: EngineContext,
    tx: ClientBase,
    items: readonly BatchItem<Body, Target>[],
  ) => Promise<ApplyOutcome[]>;
  /**
   * What is done about a message that is not believed, since its signature is missing or wrong: whoever knows is asked. It is done then.
   * Default: it is moved to the dead letters.
   */
  readonly ask?: (tx: ClientBase, subject: string) => Promise<void>;
  /** Told of an error of a message applied alone, after its transaction has been rolled back. */
  readonly failed?: (engine: EngineContext, error: unknown) => Promise<void>;
}

export interface BatchItem<Body, Target> {
  readonly body: Body;
  readonly target: Target;
}
