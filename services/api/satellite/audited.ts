import type { FastifyInstance, FastifyRequest } from 'fastify';
import { shownText } from '../../../domain/storable.js';
import { type Act, audit } from '../../../engine/audit.js';
import type { EngineContext } from '../../../engine/context.js';
import type { Admission } from './guard.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** By what the guard let it in; null on routes without a guard. */
    admission: Admission | null;
    /** The number of its row in the audit. */
    administrators: bigint | null;
  }
}

/**
 * Which of the guarded routes are written to the audit. The others are those of ground stations: confirmations have tables of their
 * own, and a message and its events are sent to everybody below the satellite.
 */
export const AUDITED: Readonly<Record<string, boolean>> = {
  'POST /admin/order': true,
  'GET /admin/order/:uuid': true,
  'DELETE /admin/order/:uuid': true,
  'GET /admin/orders/:state': true,
  'GET /admin/message/:seq': false,
  'GET /admin/subscribe/:channels': false,
  'POST /order/tx/:seq': false,
  'POST /order/rx/:seq': false,
};

/** The token and the certificate are those of all administrators: the audit says from where one came, not who it was. */
const ACTORS: Readonly<Record<Admission, string>> = {
  certificate: 'a client certificate',
  token: 'the token of stations',
  open: 'anybody',
};

/** Writes what administrators do and read before it is done: what cannot be audited is not done. */
export function auditAdministrators(app: FastifyInstance, { pool }: EngineContext): void {
  app.decorateRequest('admission', null);
  app.decorateRequest('administrators', null);
  app.addHook('preHandler', async (request) => {
    const { admission } = request;
    if (admission === null || AUDITED[nameOf(request)] !== true) return;
    request.administrators = await audit(pool, actOf(request, admission));
  });
  app.addHook('onResponse', async (request, reply) => {
    const { admission, administrators, method } = request;
    if (admission === null || administrators === null || method === 'GET') return;
    const detail = { status: reply.statusCode, of: administrators.toString() };
    const answered = { ...actOf(request, admission), act: 'answered', detail };
    await audit(pool, answered).catch((err: unknown) =>
      request.log.warn({ err, audited: detail.of }, 'an answer could not be audited'),
    );
  });
}

/** HEAD is answered as GET is. */
function nameOf({ method, routeOptions }: FastifyRequest): string {
  return `${method === 'HEAD' ? 'GET' : method} ${routeOptions.url ?? ''}`;
}

function actOf(request: FastifyRequest, admission: Admission): Act {
  const channel = request.form.fields.get('channel');
  return {
    ...{ actor: ACTORS[admission], role: 'satellite administrator', via: 'http' },
    ...{ address: request.ip, act: nameOf(request) },
    target: shownText(Object.values(request.params ?? {}).join('/')),
    detail: channel === undefined ? {} : { channel: shownText(channel) },
  };
}
