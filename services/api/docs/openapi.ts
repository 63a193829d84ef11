import fastifySwagger, { type SwaggerTransformObject } from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ACTION_ARGS } from '../../../engine/actions/types/index.js';
import { argsSchemaName } from '../v1/wire/action-request.js';
import { describeRoute } from './describe-routes.js';
import { SECURITY_SCHEMES } from './headers.js';

const INTRODUCTION = `
A client opens an action that costs money. The action is quoted, paid over Lightning or by credits, and performed exactly once; if
it is not paid it is undone and can be retried.

- Amounts are decimal strings of millisatoshi. Times are RFC 3339. Lists are read with \`cursor\` and \`limit\`.
- Errors are problem details (RFC 9457). Programs decide by \`code\`, which never changes. A refused request changed nothing.
- Every address may answer 408 \`request.too_slow\`, 404 \`request.not_found\`, 405 \`request.method_not_allowed\` and 431 \`request.headers_too_large\`.
- Every POST under /v1 takes an \`Idempotency-Key\`.
- An action opened without a token comes with a capability, which is needed to read, cancel and retry it.
`;

/** Serves /docs and /openapi.json. Must be called before the routes are added. */
export function documentRoutes(app: FastifyInstance): void {
  void app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Quittance', version: '1', description: INTRODUCTION },
      tags: [
        { name: 'actions', description: 'Paid actions and their attempts' },
        { name: 'items', description: 'Posts and their zaps' },
        { name: 'accounts', description: 'Accounts, tokens, credits' },
        { name: 'territories', description: 'What posts are filed under, and who owns it' },
        { name: 'invites', description: 'Gifts for those who join' },
        { name: 'rewards', description: 'What the pool pays, and statistics' },
        { name: 'webhooks', description: 'Events sent to servers of the caller' },
        { name: 'uploads', description: 'Files that texts show' },
        { name: 'operator', description: 'Stuck processes, the outbox and state changes' },
        { name: 'stores', description: 'Stores and their orders' },
        { name: 'transmissions', description: 'Messages sent by satellite' },
        { name: 'satellite', description: 'Transmissions, as in Blockstream’s Satellite API' },
      ],
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    transform: describeRoute,
    transformObject: completeDocument,
  });
  void app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', persistAuthorization: true },
  });
  app.get('/openapi.json', { config: { access: 'anyone' }, schema: { hide: true } }, (_, reply) =>
    reply.send(app.swagger()),
  );
}

/** Adds the arguments of each action type, and removes schemas that nothing refers to. */
const completeDocument: SwaggerTransformObject = (document) => {
  const complete = jsonSchemaTransformObject(document);
  if (!('openapi' in complete)) return complete;
  const args = [...ACTION_ARGS].map(([type, schema]) => {
    return [argsSchemaName(type), z.toJSONSchema(schema, { io: 'input' })] as const;
  });
  const all = { ...complete.components?.schemas, ...Object.fromEntries(args) };
  const components = { ...complete.components, schemas: onlyUsed(complete.paths, all) };
  return Object.assign(complete, { components });
};

type Schemas = Readonly<Record<string, unknown>>;

const REFERENCE = /#\/components\/schemas\/([A-Za-z0-9_]+)/g;

/** The schemas that `paths` refer to, directly or not: zod writes each twice, for requests and for answers. */
function onlyUsed(paths: unknown, schemas: Schemas): Schemas {
  const used = new Set<string>();
  collect(paths, schemas, used);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

function collect(part: unknown, schemas: Schemas, used: Set<string>): void {
  for (const [, name] of JSON.stringify(part ?? null).matchAll(REFERENCE)) {
    if (name === undefined || used.has(name)) continue;
    used.add(name);
    collect(schemas[name], schemas, used);
  }
}
