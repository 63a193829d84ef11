/** A message that was refused and waits for somebody. */
export interface LetterView {
  /** Its number. */
  readonly seq: number;
  readonly subject: string;
  readonly reason: string;
  readonly consumer: string;
  /** ISO 8601. */
  readonly diedAt: string;
}

export interface ConsumerView {
  readonly stream: string;
  readonly consumer: string;
  /** Messages not delivered yet, and delivered but not acknowledged. */
  readonly waiting: number;
  readonly unacknowledged: number;
}

/** What NATS holds for operators. Each call rejects while NATS is away. */
export interface StreamsView {
  /** The oldest first, with how many there are in all. */
  deadLetters(
    limit: number,
  ): Promise<{ readonly letters: readonly LetterView[]; readonly all: number }>;
  /** Publishes them again; how many there were to replay. */
  replay(seqs: readonly number[]): Promise<number>;
  consumers(): Promise<readonly ConsumerView[]>;
}
