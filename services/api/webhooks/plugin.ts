import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../../domain/refusal.js';
import type { IntakeContext } from '../../../engine/intake/context.js';
import {
  notePing,
  receiveDelivery,
  refuseDelivery,
} from '../../../engine/intake/events/receive.js';
import { isSigned } from '../../../engine/intake/events/signature.js';
import { readSecrets } from '../../../engine/intake/stores/webhook-secrets.js';
import { sendProblem } from '../../shared/problem.js';
import { isPing, readDelivery, signatureOf } from './read-delivery.js';
import { SecretCache } from './secret-cache.js';

/** Above what is kept: a delivery that is too long is acknowledged too, or the store would switch its webhook off. */
const BODY_LIMIT = 8 * 1024 * 1024;
const STORE = /^[a-z0-9-]{1,60}$/;

/**
 * Where stores deliver. A store switches a webhook off after seven answers that are no 200, and delivers nothing again: whatever is
 * signed is acknowledged once it is stored, and what is wrong with it is told to people. Bodies of any type are taken as bytes.
 */
export function webhooksPlugin(intake: IntakeContext): FastifyPluginCallback {
  return (app, _options, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
      (_request, body, parsed) => parsed(null, body),
    );
    const secrets = new SecretCache((store) => readSecrets(intake.pool, intake.keys, store));
    addRoute(app, '/v1/stores/:store/webhooks', intake, secrets);
    addRoute(app, '/v1/stores/:store/webhooks/:topic', intake, secrets);
    done();
  };
}

interface Params {
  readonly store: string;
  readonly topic?: string;
}

function addRoute(
  app: FastifyInstance,
  url: string,
  intake: IntakeContext,
  secrets: SecretCache,
): void {
  app.post<{ Params: Params }>(url, { bodyLimit: BODY_LIMIT }, async (request, reply) => {
    const { store, topic } = request.params;
    const known = STORE.test(store) ? await secrets.get(store) : undefined;
    if (known === undefined) {
      return sendProblem(new Refusal('store.not_found', 'there is no such store'), request, reply);
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (isPing(body, request)) {
      await notePing(intake, store);
      return acknowledge(reply);
    }
    const delivery = readDelivery(request, store, topic, body);
    if (await isGenuine(request, { store, body, known }, secrets)) {
      await receiveDelivery(intake, delivery);
      return acknowledge(reply);
    }
    await refuseDelivery(intake, delivery);
    const wrong = new Refusal('store.bad_signature', 'no secret of the store makes this signature');
    return sendProblem(wrong, request, reply);
  });
}

async function isGenuine(
  request: FastifyRequest,
  { store, body, known }: { store: string; body: Buffer; known: readonly string[] },
  secrets: SecretCache,
): Promise<boolean> {
  const signature = signatureOf(request);
  if (isSigned(body, signature, known)) return true;
  const now = await secrets.get(store, { fresh: true });
  return now !== undefined && isSigned(body, signature, now);
}

/** 200 and nothing else: a ping is repeated for ever after 202 or 204. */
function acknowledge(reply: FastifyReply): FastifyReply {
  return reply.code(200).type('text/plain').send('ok');
}
