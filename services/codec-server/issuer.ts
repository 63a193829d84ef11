import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { Config } from '../shared/config.js';

/** An identity provider whose tokens Temporal's UI passes on. */
export interface Issuer {
  /** What the claim of a valid token says; undefined for any other token. Rejects while its keys cannot be read. */
  accountNamedBy(token: string): Promise<string | undefined>;
}

/** Only signatures by a private key: with a shared secret, whoever checks could also sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
];
const CLOCK_TOLERANCE = '5s';

type IssuerConfig = Pick<
  Config,
  'env' | 'codecJwksUrl' | 'codecJwtIssuer' | 'codecJwtAudience' | 'codecJwtClaim'
>;

/** Undefined where none is configured. Throws where it is configured by half. */
export function issuerOf(config: IssuerConfig): Issuer | undefined {
  const { env, codecJwksUrl, codecJwtIssuer: issuer, codecJwtAudience: audience } = config;
  if (codecJwksUrl === undefined) return undefined;
  if (issuer === undefined || audience === undefined) {
    throw new Error(
      'QUITTANCE_CODEC_JWKS_URL needs QUITTANCE_CODEC_JWT_ISSUER and QUITTANCE_CODEC_JWT_AUDIENCE',
    );
  }
  const url = new URL(codecJwksUrl);
  if (env === 'production' && url.protocol !== 'https:') {
    throw new Error('QUITTANCE_CODEC_JWKS_URL must be https in production');
  }
  return issuerWith(createRemoteJWKSet(url), { issuer, audience, claim: config.codecJwtClaim });
}

export function issuerWith(
  keys: JWTVerifyGetKey,
  { issuer, audience, claim }: { issuer: string; audience: string; claim: string },
): Issuer {
  const expected = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE };
  const rules = { ...expected, requiredClaims: ['exp', claim] };
  return {
    async accountNamedBy(token) {
      try {
        const named = (await jwtVerify(token, keys, rules)).payload[claim];
        return typeof named === 'string' ? named : undefined;
      } catch (error) {
        if (error instanceof errors.JOSEError && !isUnreachable(error)) return undefined;
        throw error;
      }
    },
  };
}

function isUnreachable(error: errors.JOSEError): boolean {
  return error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC';
}
