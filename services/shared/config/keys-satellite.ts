import { z } from 'zod';
import { optional, withDefault } from './key.js';
import {
  channelSettings,
  hostAndPort,
  httpUrl,
  orNone,
  seconds,
  text,
  wholeNumber,
} from './values.js';

/** The Satellite API. `quittance satellite` also knows the peer's own names of some. */
export const satelliteKeys = {
  QUITTANCE_SATELLITE_LISTEN: optional(hostAndPort, {
    description:
      'host:port at which the API process serves the Satellite API alone, as its peer does. Its routes are served beside /v1 in any case.',
  }),
  QUITTANCE_CHANNELS: optional(channelSettings, {
    description:
      'What differs from the peer’s channels, like `1.rate=2000,4.timeout=20,5.size=100000,1.may=get+post`: bytes per second, confirmation timeout in seconds, largest message in bytes, what users may do.',
  }),
  QUITTANCE_CHARGE_ROOT: optional(httpUrl, {
    description:
      'Where Lightning Charge answers, with its credentials: http://api-token:<token>@host:9112. It then makes the invoices of orders in place of the node.',
    url: true,
  }),
  QUITTANCE_CHARGE_API_TOKEN: optional(z.string().min(1), {
    description:
      'The secret of the tokens of orders and callbacks, as at the peer. Not set: the master secret.',
    secret: true,
  }),
  QUITTANCE_CALLBACK_URI_ROOT: withDefault(httpUrl, 'http://127.0.0.1:9292', {
    description: 'Where Lightning Charge reaches the Satellite API.',
    url: true,
  }),
  QUITTANCE_CHARGE_TIMEOUT_SECONDS: withDefault(seconds, '4', {
    description: 'The timeout of a call to Lightning Charge.',
    unit: 'seconds',
  }),
  QUITTANCE_FORCE_PAYMENT: optional(text, {
    description:
      'Any text: orders are paid as they are opened, without money. Refused in production.',
  }),
  QUITTANCE_SATELLITE_TOKEN: optional(z.string().min(32), {
    description:
      'Whoever sends it (Authorization: Bearer) may use /admin, /order/tx and /order/rx; ground stations send it. Outside production these are open to all while it is not set.',
    secret: true,
  }),
  QUITTANCE_CLIENT_CERTIFICATE_HEADER: optional(
    z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header')
      .toLowerCase(),
    {
      description:
        'A header that a trusted proxy sets to SUCCESS when it has verified a client certificate, for the same routes. The proxy must remove it from what clients send.',
    },
  ),
  QUITTANCE_RETRANSMISSION_LIMIT: withDefault(orNone(wholeNumber(0, 1_000_000)), 'none', {
    description: 'How often an order is sent again at most. What gave up is shown to operators.',
    unit: 'times',
  }),
  QUITTANCE_RETRANSMISSION_BACKOFF_SECONDS: withDefault(seconds, '0', {
    description: 'The pause before an order is sent again, doubled each time.',
    unit: 'seconds',
  }),
  QUITTANCE_PRESUME_AFTER: withDefault(orNone(wholeNumber(0, 1_000_000)), 'none', {
    description:
      'After so many retransmissions the regions that have not confirmed are presumed to have sent the message.',
    unit: 'times',
  }),
  QUITTANCE_RETRANSMISSION_TURN_SECONDS: withDefault(orNone(seconds), 'none', {
    description:
      'A retransmission that has waited for so long goes before new orders; none: new orders always go first.',
    unit: 'seconds',
  }),
  QUITTANCE_ORDER_CLOSE_DAYS: withDefault(wholeNumber(1, 3_650), '31', {
    description: 'How long after an order is sent its receivers may confirm.',
    unit: 'days',
  }),
  QUITTANCE_MESSAGE_KEEP_DAYS: withDefault(wholeNumber(1, 3_650), '31', {
    description: 'How long the bytes of a message are kept after its transmission has ended.',
    unit: 'days',
  }),
  QUITTANCE_UNPAID_ORIGIN_MIB: withDefault(wholeNumber(0, 1_000_000), '64', {
    description:
      'What one network address (IPv6: a /64) may leave here without an account and without paying: messages of orders and arguments of actions, each counted as 4 KiB or more; 0 for any amount. Not in development.',
    unit: 'MiB',
  }),
  QUITTANCE_UNPAID_MIB: withDefault(wholeNumber(0, 1_000_000), '1024', {
    description:
      'The same for all callers without an account together; the address with the most gives way. 0 for any amount. Not in development.',
    unit: 'MiB',
  }),
};
