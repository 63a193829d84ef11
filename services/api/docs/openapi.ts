import fastifySwagger, { type SwaggerTransformObject } from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ACTION_ARGS } from '../../../engine/actions/types/index.js';
import { argsSchemaName } from '../v1/wire/action-request.js';
import { describeRoute } from './describe-routes.js';
import { SECURITY_SCHEMES } from './headers.js';
import { onlyUsed } from './only-used.js';

const INTRODUCTION = `
Somebody asks for something that costs money; it is quoted, paid over Lightning or by credits, and happens exactly once, or is
undone and can be tried again.

- Amounts are decimal strings of millisatoshi. Times are RFC 3339. Lists are read with \`cursor\` and \`limit\`.
- Errors are problem details (RFC 9457). Programs go by \`code\`, which never changes; a refused request changed nothing.
- Any address answers 404 \`request.not_found\` or 405 \`request.method_not_allowed\` where it or its method does not exist, and
  431 \`request.headers_too_large\`.
- Every POST under /v1 takes an \`Idempotency-Key\`.
- Without a token, an action gives a capability when it is opened: the only way back to it.
`;

/** /docs for people and /openapi.json for programs. To be called before the routes are added. */
export function documentRoutes(app: FastifyInstance): void {
  void app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Quittance', version: '1', description: INTRODUCTION },
      tags: [
        { name: 'actions', description: 'Paid actions and their attempts' },
        { name: 'items', description: 'What was posted' },
        { name: 'accounts', description: 'Accounts, tokens, credits' },
        { name: 'operator', description: 'What is stuck, and why' },
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

/** With the arguments of each type of action, and without schemas that nothing refers to. */
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
