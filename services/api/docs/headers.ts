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
    'The same key and body again changes nothing and returns the present state of the same resource; another body is refused.',
} as const;

const CLIENT_SECRET = {
  type: 'string',
  minLength: 16,
  maxLength: 255,
  description: 'The owner of the key, where there is no token: a secret that the client created.',
} as const;

/** As JSON schema, from which @fastify/swagger creates parameters. */
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
