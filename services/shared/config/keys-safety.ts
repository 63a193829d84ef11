import { optional, withDefault } from './key.js';
import { msat, secretKeys, wholeNumber } from './values.js';
import { z } from 'zod';

/** Who may do how much, and what is refused. */
export const safetyKeys = {
  QUITTANCE_SIMULATORS: withDefault(z.enum(['allowed', 'refused']), 'allowed', {
    description:
      'Whether the outside world may be simulated. In production it must be set to `allowed` for that: no real money moves then.',
  }),
  QUITTANCE_PRIVATE_WALLETS: withDefault(z.enum(['allowed', 'refused']), 'refused', {
    description:
      "Whether payees' wallets may be in private networks and on this machine. Refused in production: whoever adds a wallet would have us connect there.",
  }),
  QUITTANCE_ORDER_TOKEN_KEYS: optional(secretKeys, {
    description:
      'Secrets of the tokens of orders, as version:32 or more characters, separated by commas. The highest version makes new tokens; those of the others, and of QUITTANCE_SECRET, stay valid.',
    secret: true,
  }),
  QUITTANCE_GRANT_OPERATOR_DAY_MSAT: withDefault(msat, '100000000000', {
    description: 'The most that an operator may grant within 24 hours; 0 for any amount.',
    unit: 'millisatoshi',
  }),
  QUITTANCE_GRANT_FINANCE_DAY_MSAT: withDefault(msat, '100000000', {
    description: 'The most that somebody of the role finance may grant within 24 hours.',
    unit: 'millisatoshi',
  }),
  QUITTANCE_GRANT_ALONE_DAY_MSAT: withDefault(msat, '10000000000', {
    description:
      'What one may grant alone within 24 hours: above it another operator must approve. 0 for any amount.',
    unit: 'millisatoshi',
  }),
  QUITTANCE_BAD_TOKENS_PER_MINUTE: withDefault(wholeNumber(0, 1_000_000), '30', {
    description:
      'How many tokens that are not valid one network may send to a process of the API within a minute; 0 for any number.',
    unit: 'tokens',
  }),
  QUITTANCE_API_MAX_CONNECTIONS: withDefault(wholeNumber(1, 1_000_000), '10000', {
    description: 'The maximum number of connections to a process of the API; others are closed.',
    unit: 'connections',
  }),
  QUITTANCE_API_CONNECTIONS_PER_NETWORK: withDefault(wholeNumber(0, 1_000_000), '2000', {
    description:
      'The maximum number of connections of one network to a process of the API; others are answered 429. 0 for any number; those of trusted proxies do not count.',
    unit: 'connections',
  }),
  QUITTANCE_EVENT_STREAMS_PER_NETWORK: withDefault(wholeNumber(0, 1_000_000), '20', {
    description:
      'How many event streams (/subscribe, /v1/events, those of items) one network may hold open at a process of the API; 0 for any number. Those of administrators do not count.',
    unit: 'streams',
  }),
  QUITTANCE_EVENT_STREAMS: withDefault(wholeNumber(0, 1_000_000), '2000', {
    description: 'The same for all networks together; 0 for any number.',
    unit: 'streams',
  }),
};
