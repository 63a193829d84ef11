import { type Channel, type ChannelPermission, CHANNELS } from './channels.js';

/** How an order is sent again where regions do not confirm. Frozen in its row at opening. */
export interface RetransmissionPolicy {
  /** How often it is sent again at most; null for any number. */
  readonly limit: number | null;
  /** The pause before it is sent again, doubled each time; 0 for none. */
  readonly backoffSeconds: number;
  /** After so many retransmissions the missing regions are presumed to have sent it; null for never. */
  readonly presumeAfter: number | null;
  /** After waiting for so long it goes before new orders; null for never. */
  readonly turnAfterSeconds: number | null;
}

export interface TransmissionSettings {
  readonly channels: readonly Channel[];
  readonly retransmissions: RetransmissionPolicy;
  /** How long after `sent` receivers may confirm, and an order that was given up may still be confirmed. */
  readonly closeAfterSeconds: number;
}

const DAY_SECONDS = 86_400;

/** As the peer: sent again without end and without a pause, new orders first. */
export const DEFAULT_TRANSMISSIONS: TransmissionSettings = {
  channels: CHANNELS,
  retransmissions: { limit: null, backoffSeconds: 0, presumeAfter: null, turnAfterSeconds: null },
  closeAfterSeconds: 31 * DAY_SECONDS,
};

const PERMISSIONS: readonly ChannelPermission[] = ['get', 'post', 'delete'];
const OVERRIDE = /^(\d+)\.(rate|size|timeout|may)=([a-z0-9+.]*)$/;

/**
 * The peer's channels with what an installation changes, like `1.rate=2000,4.timeout=20,5.size=100000,1.may=get+post`. Undefined when
 * it cannot be read.
 */
export function channelsWith(overrides: string): readonly Channel[] | undefined {
  let channels: readonly Channel[] = CHANNELS;
  for (const override of overrides.split(',')) {
    const [, number, name, value = ''] = OVERRIDE.exec(override.trim()) ?? [];
    const change = name === undefined ? undefined : changeOf(name, value);
    if (change === undefined || !channels.some((one) => one.number === Number(number))) {
      return undefined;
    }
    channels = channels.map((one) => (one.number === Number(number) ? { ...one, ...change } : one));
  }
  return channels;
}

function changeOf(name: string, value: string): Partial<Channel> | undefined {
  if (name === 'may') {
    const given = value === '' ? [] : value.split('+');
    const userMay = PERMISSIONS.filter((permission) => given.includes(permission));
    return userMay.length === given.length ? { userMay } : undefined;
  }
  const number = /^\d{1,9}(\.\d{1,3})?$/.test(value) ? Number(value) : NaN;
  if (name === 'timeout') return number >= 0 ? { confirmTimeoutSeconds: number } : undefined;
  if (!Number.isInteger(number) || number < 1) return undefined;
  return name === 'rate' ? { rate: number } : { maxMessageBytes: number };
}
