import type { Access } from '../v1/access.js';

export const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'An API token: `qt_…`.' },
  capability: {
    type: 'apiKey',
    in: 'header',
    name: 'Quittance-Capability',
    description: 'What was given when the action was opened without a token.',
  },
} as const;

export const SECURITY: Readonly<Record<Access, readonly Readonly<Record<string, readonly []>>[]>> =
  {
    anyone: [{ token: [] }, { capability: [] }, {}],
    account: [{ token: [] }],
    operator: [{ token: [] }],
  };

const IDEMPOTENCY_KEY = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description:
    'The same key and body again changes nothing and shows today’s state of the same thing; with another body it is refused.',
} as const;

const CLIENT_SECRET = {
  type: 'string',
  minLength: 16,
  maxLength: 255,
  description: 'Whose key it is, where there is no token: a secret that the client made.',
} as const;

/** As JSON schema, from which @fastify/swagger makes parameters. */
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
