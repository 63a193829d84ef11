import type { Access } from '../v1/access.js';

export const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'An API token: `qt_…`.' },
  capability: {
    type: 'apiKey',
    in: 'header',
    name: 'Quittance-Capability',
    description: 'The capability from the answer that opened the action without a token.',
  },
} as const;

export function securityOf(access: Access): readonly Readonly<Record<string, readonly []>>[] {
  return access === 'anyone' ? [{ token: [] }, { capability: [] }, {}] : [{ token: [] }];
}

const IDEMPOTENCY_KEY = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description:
    'A repeated request with the same key and body changes nothing and answers the current state of the same resource; with another body it is refused.',
} as const;

const CLIENT_SECRET = {
  type: 'string',
  minLength: 16,
  maxLength: 255,
  description:
    'Owner of the idempotency key when there is no token: a random secret chosen by the client.',
} as const;

/** As a JSON schema, which @fastify/swagger turns into parameters. */
export function requestHeaders(
  access: Access,
  post: boolean,
): { readonly type: 'object'; readonly properties: Readonly<Record<string, unknown>> } {
  const properties = {
    ...(post ? { 'Idempotency-Key': IDEMPOTENCY_KEY } : {}),
    ...(post && access === 'anyone' ? { 'Quittance-Client-Secret': CLIENT_SECRET } : {}),
  };
  return { type: 'object', properties };
}
