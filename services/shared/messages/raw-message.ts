/** The parts of a JetStream message that are read. */
export interface RawMessage {
  readonly subject: string;
  readonly headers: { get(name: string): string } | undefined;
  readonly data: Uint8Array;
}

export const MESSAGE_ID_HEADER = 'Nats-Msg-Id';

/** Of a message that was replayed from the dead letters: the id with which it was first published, and signed. */
export const FIRST_ID_HEADER = 'Quittance-Message-Id';

/** The id by which a message is deduped. */
export function messageIdOf({ headers }: Pick<RawMessage, 'headers'>): string | undefined {
  const [first, own] = [FIRST_ID_HEADER, MESSAGE_ID_HEADER].map((name) => headers?.get(name) ?? '');
  const id = first === '' ? own : first;
  return id === '' ? undefined : id;
}
