import type { FastifyInstance, HTTPMethods } from 'fastify';
import { SatelliteError } from './errors.js';

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** OPTIONS is answered empty, what an address does not have with 405; both say what is allowed. */
export function answerOtherMethods(
  app: FastifyInstance,
  allowed: Readonly<Record<string, readonly HTTPMethods[]>>,
): void {
  for (const [url, methods] of Object.entries(allowed)) {
    const allow = [...methods, 'OPTIONS'].join(', ');
    app.options(url, (_request, reply) => reply.header('allow', allow).send());
    app.route({
      method: METHODS.filter((method) => !methods.includes(method)),
      url,
      handler: (_request, reply) => {
        void reply.header('allow', allow);
        throw SatelliteError.message(405, 'The method is not allowed for the requested URL.');
      },
    });
  }
}
