import { STATUS_CODES } from 'node:http';
import type { SwaggerTransform } from '@fastify/swagger';
import type { FastifySchema, RouteOptions } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { describeRefusal, type RefusalCode } from '../../../domain/refusal.js';
import type { Access } from '../v1/access.js';
import { PEER_ROUTES } from './describe-peers.js';
import { EXAMPLES, operationIdOf } from './examples.js';
import { requestHeaders, securityOf } from './headers.js';

const ALWAYS: readonly RefusalCode[] = [
  'request.invalid',
  'request.malformed',
  'auth.invalid_token',
  'auth.too_many_bad_tokens',
  'service.failed',
  'service.unavailable',
];
const OF_POSTS: readonly RefusalCode[] = [
  'request.unsupported_media_type',
  'request.too_large',
  'idempotency.invalid_key',
  'idempotency.body_differs',
];
function refusalsOf(access: Access): readonly RefusalCode[] {
  if (access === 'anyone') return ['auth.scope_required'];
  if (access === 'token') return ['auth.required'];
  if (access === 'account') return ['auth.required', 'auth.scope_required'];
  return ['auth.required', 'auth.operator_required', 'auth.scope_required'];
}

function isStaffScope(access: Access): boolean {
  return !['anyone', 'token', 'account'].includes(access);
}

type Route = Pick<RouteOptions, 'config' | 'method'>;
type JsonSchema = Readonly<Record<string, unknown>>;

/** Adds to each route of /v1 who may call it, its headers, and every problem that it may answer. */
export const describeRoute: SwaggerTransform = (document) => {
  const access = document.route.config?.access;
  if (access === undefined) return { schema: describePeer(document.route), url: document.url };
  const { schema, url } = jsonSchemaTransform(document);
  if (schema.hide === true) return { schema, url };
  const scope = isStaffScope(access) ? `It takes the scope \`${access}\`.` : undefined;
  const description = [schema.description, scope].filter((part) => part !== undefined).join(' ');
  return {
    url,
    schema: {
      ...schema,
      ...exampleOf(schema.body, document.route),
      operationId: operationIdOf(String(document.route.method), document.route.url),
      ...(description === '' ? {} : { description }),
      'x-access': access,
      security: securityOf(access),
      headers: requestHeaders(access, isPost(document.route)),
      response: { ...answersOf(schema.response), ...problemsOf(access, document.route) },
    },
  };
};

function describePeer({ method, url }: Pick<RouteOptions, 'method' | 'url'>): FastifySchema {
  const known = typeof method === 'string' ? PEER_ROUTES[`${method} ${url}`] : undefined;
  if (known === undefined) return { hide: true };
  const { parts, tags, ...about } = known;
  return { ...parts, ...about, tags: [...tags], operationId: operationIdOf(String(method), url) };
}

/** The body of a request with an example that works. */
function exampleOf(body: unknown, { method, url }: Pick<RouteOptions, 'method' | 'url'>): object {
  const example = typeof method === 'string' ? EXAMPLES[`${method} ${url}`] : undefined;
  if (body === undefined || example === undefined) return {};
  const described = typeof body === 'object' && body !== null ? body : {};
  return { body: { ...described, examples: [example] } };
}

function isPost({ method }: Route): boolean {
  return method === 'POST';
}

const MEANINGS: Readonly<Record<string, string>> = {
  200: 'Current state',
  201: 'Opened',
  202: 'Accepted: the node has not answered yet',
};
const REPLAYED = 'Replay of an earlier request with this key: current state of the same resource';

function answersOf(response: unknown): Readonly<Record<string, unknown>> {
  const answers = Object.entries(response ?? {});
  return Object.fromEntries(
    answers.map(([status, schema]: [string, JsonSchema]) => {
      const replayed = status === '200' && answers.some(([other]) => other === '201');
      const description = replayed ? REPLAYED : MEANINGS[status];
      const type = schema['format'] === 'binary' ? 'application/octet-stream' : 'application/json';
      return [status, { description, content: { [type]: { schema } } }];
    }),
  );
}

function problemsOf(access: Access, route: Route): Readonly<Record<string, unknown>> {
  const codes = codesOf(access, route);
  const statuses = [...new Set(codes.map((code) => describeRefusal(code)[0]))].sort(
    (a, b) => a - b,
  );
  return Object.fromEntries(
    statuses.map((status) => {
      const lines = codes
        .filter((code) => describeRefusal(code)[0] === status)
        .map((code) => `- \`${code}\`: ${describeRefusal(code)[1]}`);
      return [
        status,
        {
          description: [STATUS_CODES[status], '', ...lines].join('\n'),
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      ];
    }),
  );
}

function codesOf(access: Access, route: Route): readonly RefusalCode[] {
  const codes = [...ALWAYS, ...refusalsOf(access), ...(route.config?.refusals ?? [])];
  if (!isPost(route)) return codes;
  const anonymous: readonly RefusalCode[] =
    access === 'anyone' ? ['idempotency.secret_required'] : [];
  return [...codes, ...OF_POSTS, ...anonymous];
}
