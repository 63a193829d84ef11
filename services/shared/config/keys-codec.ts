import { optional, withDefault } from './key.js';
import { httpUrl, namedOrigins, port, text } from './values.js';

/** The process codec-server, which decrypts payloads for Temporal's UI and command line. docs/security.md says for whom. */
export const codecServerKeys = {
  QUITTANCE_CODEC_HOST: withDefault(text, '127.0.0.1', {
    description: 'The address the codec server listens on. Every request takes a token.',
  }),
  QUITTANCE_CODEC_PORT: withDefault(port, '8430', {
    description: 'Its port; 0 takes any free one.',
  }),
  QUITTANCE_CODEC_ORIGINS: withDefault(namedOrigins, 'none', {
    description:
      "Origins of Temporal's UI, like https://temporal.example.org, separated by commas: their pages may ask the codec server. None for none; * is refused.",
  }),
  QUITTANCE_CODEC_JWKS_URL: optional(httpUrl, {
    description:
      "Where the public keys (JWKS) of the identity provider of Temporal's UI are, which passes its tokens on; https in production. Needs the issuer and the audience. Not set: only operators' tokens of ours are taken.",
  }),
  QUITTANCE_CODEC_JWT_ISSUER: optional(text, {
    description: 'The issuer (iss) that such a token must name.',
  }),
  QUITTANCE_CODEC_JWT_AUDIENCE: optional(text, {
    description: 'The audience (aud) that it must name.',
  }),
  QUITTANCE_CODEC_JWT_CLAIM: withDefault(text, 'quittance_account', {
    description:
      "The claim that names the operator's account. Take one that its bearer cannot choose.",
  }),
};
