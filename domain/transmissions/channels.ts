/** What somebody without a certificate may do on a channel. */
export type ChannelPermission = 'get' | 'post' | 'delete';

export interface Channel {
  readonly number: number;
  readonly name: string;
  /** Whether its orders are paid for; the others are only open to the administrator. */
  readonly paid: boolean;
  readonly userMay: readonly ChannelPermission[];
  /** Bytes on air per second. */
  readonly rate: number;
  /** How long regions may take to confirm once a message must have been sent. */
  readonly confirmTimeoutSeconds: number;
  readonly maxMessageBytes: number;
}

/** The Satellite API's channels as the peer has them; an installation may change them (settings.ts). The table of the same name holds
 * their numbers and is what is locked; a test compares the two. */
export const CHANNELS: readonly Channel[] = [
  {
    number: 1,
    name: 'transmissions',
    paid: true,
    userMay: ['get', 'post', 'delete'],
    rate: 1000,
    confirmTimeoutSeconds: 60,
    maxMessageBytes: 1_048_576,
  },
  {
    number: 3,
    name: 'auth',
    paid: false,
    userMay: [],
    rate: 125,
    confirmTimeoutSeconds: 60,
    maxMessageBytes: 1_048_576,
  },
  {
    number: 4,
    name: 'gossip',
    paid: false,
    userMay: ['get'],
    rate: 500,
    confirmTimeoutSeconds: 300,
    maxMessageBytes: 1_800_000,
  },
  {
    number: 5,
    name: 'btc-src',
    paid: false,
    userMay: ['get'],
    rate: 500,
    confirmTimeoutSeconds: 300,
    maxMessageBytes: 16_200_000,
  },
];

export function channelNumbered(
  number: number,
  channels: readonly Channel[] = CHANNELS,
): Channel | undefined {
  return channels.find((channel) => channel.number === number);
}
