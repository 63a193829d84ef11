import { z } from 'zod';
import { optional, withDefault } from './key.js';
import { text } from './values.js';
import { codecKeys, publicKeys, signingKey } from './values-trust.js';

/** How processes know each other. docs/security.md says which process needs which. */
export const signatureKeys = {
  QUITTANCE_PAYMENTS_SIGNING_KEY: optional(signingKey, {
    description:
      'The key with which the process lightning signs what it publishes, as version:64 hex digits (`quittance keys new`). Must be set there in production.',
    secret: true,
  }),
  QUITTANCE_PAYMENTS_PUBLIC_KEYS: optional(publicKeys, {
    description:
      'Whose payments relays believe: public keys as version:64 hex digits, separated by commas. Keep the old one until its messages are 30 days old. Must be set at relays in production. Not set: signatures are not looked at.',
  }),
  QUITTANCE_CONFIRMATIONS_SIGNING_KEY: optional(signingKey, {
    description:
      'The same for ground stations: the key with which they sign confirmations. Must be set there in production.',
    secret: true,
  }),
  QUITTANCE_CONFIRMATIONS_PUBLIC_KEYS: optional(publicKeys, {
    description: 'Whose confirmations relays believe. Must be set at relays in production.',
  }),
};

export const natsKeys = {
  QUITTANCE_NATS_USER: optional(text, {
    description: 'The user at NATS. It may also stand in NATS_URL, with its password.',
  }),
  QUITTANCE_NATS_PASSWORD: optional(text, { description: 'Its password.', secret: true }),
  QUITTANCE_NATS_TOKEN: optional(text, {
    description: 'A token for NATS, instead of a user.',
    secret: true,
  }),
  QUITTANCE_NATS_NKEY: optional(
    z.string().regex(/^SU[A-Z2-7]{56}$/, 'must be the seed of a user'),
    {
      description: 'The seed of an nkey for NATS, instead of a user.',
      secret: true,
    },
  ),
  QUITTANCE_NATS_CREDS: optional(text, {
    description: 'A .creds file for NATS (JWT and seed), instead of a user.',
  }),
  QUITTANCE_NATS_CA: optional(text, {
    description:
      'A PEM file of certificates that NATS may have besides public ones. With it, with a client certificate, or with a tls:// URL, nothing is sent in clear.',
  }),
  QUITTANCE_NATS_CERT: optional(text, {
    description: 'A PEM file with a client certificate for NATS; needs QUITTANCE_NATS_CERT_KEY.',
  }),
  QUITTANCE_NATS_CERT_KEY: optional(text, { description: 'The PEM file with its private key.' }),
};

export const temporalKeys = {
  QUITTANCE_TEMPORAL_TLS: withDefault(z.enum(['on', 'off']), 'off', {
    description:
      'Whether Temporal is reached over TLS. On by itself where a certificate or an API key is given.',
  }),
  QUITTANCE_TEMPORAL_CA: optional(text, {
    description: 'A PEM file of certificates that Temporal may have, instead of public ones.',
  }),
  QUITTANCE_TEMPORAL_CERT: optional(text, {
    description:
      'A PEM file with a client certificate for Temporal; needs QUITTANCE_TEMPORAL_CERT_KEY.',
  }),
  QUITTANCE_TEMPORAL_CERT_KEY: optional(text, {
    description: 'The PEM file with its private key.',
  }),
  QUITTANCE_TEMPORAL_API_KEY: optional(text, {
    description: 'An API key for Temporal.',
    secret: true,
  }),
  QUITTANCE_TEMPORAL_CODEC_KEYS: optional(codecKeys, {
    description:
      'Keys by which payloads in Temporal are encrypted, as id:64 hex digits, separated by commas. The last one encrypts, all decrypt: keep the old ones as long as histories are kept. The same at relays, workers and the command line. Not set: payloads are in clear.',
    secret: true,
  }),
  QUITTANCE_TRUST_STARTS: withDefault(z.enum(['by-environment', 'on', 'off']), 'by-environment', {
    description:
      'Whether workers open an action for whoever starts its workflow, without a start token. By environment: yes, except in production, where it cannot be on.',
  }),
};
