import { STREAMS, type StreamName } from '../../../domain/names/subjects.js';

/** What one user at NATS may do. Whatever is not listed is denied. */
export interface NatsUser {
  readonly name: string;
  /** Of the process or the command. */
  readonly who: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const API = '$JS.API';
const REGIONS = [0, 1, 2, 3, 4, 5];
const NAMES = Object.keys(STREAMS).filter((name): name is StreamName => name in STREAMS);

/** Answers to requests arrive where nobody else may listen. */
const inboxOf = (name: string): string => `${inboxPrefixOf(name)}.>`;

/** What {@link connectNats} takes as the prefix of its inboxes. */
export function inboxPrefixOf(connection: string): string {
  return `_INBOX.${connection}`;
}

/** To create a durable consumer, read from it, and acknowledge. */
const consume = (stream: StreamName, durable: string): string[] => [
  `${API}.CONSUMER.INFO.${stream}.${durable}`,
  `${API}.CONSUMER.CREATE.${stream}.${durable}`,
  `${API}.CONSUMER.CREATE.${stream}.${durable}.>`,
  `${API}.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
  `${API}.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.ACK.${stream}.${durable}.>`,
];

/** To read a stream with a consumer of a name that the client makes up. */
const readAll = (stream: StreamName): string[] => [
  `${API}.CONSUMER.CREATE.${stream}`,
  `${API}.CONSUMER.CREATE.${stream}.>`,
  `${API}.CONSUMER.INFO.${stream}.*`,
  `${API}.CONSUMER.DELETE.${stream}.*`,
  `${API}.CONSUMER.MSG.NEXT.${stream}.*`,
];

const streamInfo = (...streams: readonly StreamName[]): string[] => [
  `${API}.INFO`,
  ...streams.map((stream) => `${API}.STREAM.INFO.${stream}`),
];

/** The subjects of streams that only the relay publishes to. */
const FROM_OUTBOX = (
  ['TRANSMISSIONS', 'ACTIONS', 'CREDITS', 'INTAKE', 'DEADLETTERS'] as const
).flatMap((stream) => STREAMS[stream].subjects);

/** The one table of rights at NATS: deploy/nats/users.conf and docs/nats-permissions.md are made from it. The worker has none. */
export const NATS_USERS: readonly NatsUser[] = [
  {
    name: 'relay',
    who: 'the process relay: the only one that creates and changes streams',
    publish: [
      ...FROM_OUTBOX,
      ...streamInfo(...NAMES),
      ...NAMES.flatMap((name) => [`${API}.STREAM.CREATE.${name}`, `${API}.STREAM.UPDATE.${name}`]),
      `${API}.STREAM.LIST`,
      `${API}.CONSUMER.LIST.*`,
      ...consume('PAYMENTS', 'payments'),
      ...consume('PAYMENTS', 'cancellations'),
      `${API}.CONSUMER.DELETE.PAYMENTS.invoice-facts`,
      ...consume('CONFIRMATIONS', 'confirmations'),
      ...consume('INTAKE', 'intake'),
    ],
    subscribe: [inboxOf('relay')],
  },
  {
    name: 'lightning',
    who: 'the process lightning: publishes what the node reports, reads nothing',
    publish: [...STREAMS.PAYMENTS.subjects, ...streamInfo('PAYMENTS')],
    subscribe: [inboxOf('lightning')],
  },
  {
    name: 'api',
    who: 'the process api: reads what is shown on event streams, publishes nothing',
    publish: [...streamInfo('TRANSMISSIONS'), ...readAll('TRANSMISSIONS')],
    subscribe: [inboxOf('api')],
  },
  {
    name: 'ground-station',
    who: 'the process ground-station: reads what is to be sent, publishes confirmations',
    publish: [
      ...STREAMS.CONFIRMATIONS.subjects,
      ...streamInfo('TRANSMISSIONS', 'CONFIRMATIONS'),
      ...REGIONS.flatMap((region) => consume('TRANSMISSIONS', `station-${region}`)),
    ],
    subscribe: [inboxOf('ground-station')],
  },
  {
    name: 'cli',
    who: 'operators: `quittance doctor` and `quittance deadletters`',
    publish: [
      ...NAMES.flatMap((name) => [...STREAMS[name].subjects, ...readAll(name)]),
      ...streamInfo(...NAMES),
      `${API}.STREAM.MSG.GET.DEADLETTERS`,
      `${API}.STREAM.MSG.DELETE.DEADLETTERS`,
    ],
    subscribe: [inboxOf('cli'), inboxOf('doctor')],
  },
];
