import {
  draftAnswer,
  openedTransmissionAnswer,
  transmissionAnswer,
  transmissionPageAnswer,
} from '@quittance/sdk/answers';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mayDo } from '../../../../domain/accounts/roles.js';
import { Refusal } from '../../../../domain/refusal.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { storeDraft } from '../../../../engine/transmissions/drafts.js';
import { openTransmission } from '../../../../engine/transmissions/open-transmission.js';
import { listTransmissions } from '../../../../engine/transmissions/list-transmissions.js';
import {
  readTransmission,
  type TransmissionView,
} from '../../../../engine/transmissions/read-transmission.js';
import type { ApiDeps } from '../../deps.js';
import { logAbout } from '../../request-log.js';
import { isOrderToken, orderToken } from '../../satellite/tokens.js';
import type { ZodApp } from '../../zod-app.js';
import { capabilityIn } from '../access.js';
import { answerStatus } from '../idempotency.js';
import { presentTransmission, summarizeTransmission } from '../present-transmission.js';
import { pageOf, pageQuery } from '../wire/page.js';
import { draftBody, openTransmissionBody, transmissionParams } from '../wire/transmissions.js';

export const TRANSMISSION_TAGS = ['transmissions'];

/** Of base64: four characters for three bytes, and room for the other fields. */
function bodyLimitFor(messageBytes: number): number {
  return Math.ceil(messageBytes / 3) * 4 + 64 * 1024;
}

/** Open, read and list transmissions, and keep their messages. */
export function addTransmissionRoutes(app: ZodApp, deps: ApiDeps): void {
  addDrafts(app, deps);
  addOpen(app, deps);
  addRead(app, deps);
  addList(app, deps);
}

function largestMessage({ engine }: ApiDeps): number {
  return Math.max(...engine.transmissions.channels.map(({ maxMessageBytes }) => maxMessageBytes));
}

function addDrafts(app: ZodApp, deps: ApiDeps): void {
  const { engine } = deps;
  app.post(
    '/v1/transmissions/drafts',
    {
      bodyLimit: bodyLimitFor(largestMessage(deps)),
      config: { access: 'anyone', refusals: ['transmission.too_many_unpaid'] },
      schema: {
        tags: TRANSMISSION_TAGS,
        summary: 'Keep a message for a transmission that is opened within a day',
        description:
          'Its id stands for the bytes, also in the input of the workflow `transmissionOrder`. A draft is used once.',
        body: draftBody,
        response: { 200: draftAnswer, 201: draftAnswer },
      },
    },
    async (request, reply) => {
      const { caller, idempotency, body } = request;
      if (body.message.length === 0) {
        throw new Refusal('request.invalid', 'a message has at least one byte');
      }
      const owner = caller.kind === 'account' ? caller.id : null;
      const { draft, replayed } = await storeDraft(engine, {
        ...{ message: body.message, owner, origin: originOf(engine.secret, request.ip) },
        ...idempotency,
      });
      const { id: draftId, sizeBytes, digest } = draft;
      return reply.code(answerStatus(reply, replayed, 201)).send({ draftId, sizeBytes, digest });
    },
  );
}

function addOpen(app: ZodApp, deps: ApiDeps): void {
  const { engine } = deps;
  app.post(
    '/v1/transmissions',
    {
      bodyLimit: bodyLimitFor(largestMessage(deps)),
      config: {
        access: 'anyone',
        refusals: [
          'transmission.channel_not_allowed',
          'transmission.message_invalid',
          'transmission.draft_not_found',
          'transmission.bid_too_low',
          'transmission.bid_too_high',
          'transmission.invoice_failed',
          'transmission.too_many_unpaid',
          'service.maintenance',
        ],
      },
      schema: {
        tags: TRANSMISSION_TAGS,
        summary: 'Open a transmission',
        description:
          'The answer has the invoice of the bid, and the token that every other call needs. Operators may use the channels that cost nothing, without a bid.',
        body: openTransmissionBody,
        response: { 200: openedTransmissionAnswer, 201: openedTransmissionAnswer },
      },
    },
    async (request, reply) => {
      const { text, message, draftId, ...order } = request.body;
      const { caller, idempotency } = request;
      const { orderId, replayed } = await openTransmission(engine, {
        ...order,
        message: draftId === undefined ? (message ?? Buffer.from(text ?? '', 'utf8')) : { draftId },
        operator: caller.kind === 'account' && mayDo(caller, 'payments'),
        ...(caller.kind === 'account' ? {} : { origin: originOf(engine.secret, request.ip) }),
        ...idempotency,
      });
      logAbout(request, { orderId });
      const view = await viewOf(deps, orderId);
      return reply
        .code(answerStatus(reply, replayed, 201))
        .header('location', `/v1/transmissions/${orderId}`)
        .send({ ...presentTransmission(view), token: orderToken(secretsFor(deps)[0], orderId) });
    },
  );
}

function addRead(app: ZodApp, deps: ApiDeps): void {
  app.get(
    '/v1/transmissions/:id',
    {
      config: {
        access: 'anyone',
        audited: true,
        refusals: ['transmission.not_found', 'transmission.unauthorized'],
      },
      schema: {
        tags: TRANSMISSION_TAGS,
        summary: 'Read a transmission, with the progress in each region',
        description: 'Needs its token (Quittance-Capability), or an operator.',
        params: transmissionParams,
        response: { 200: transmissionAnswer },
      },
    },
    async (request) =>
      presentTransmission(await ownTransmission(deps, request, request.params.id, 'read')),
  );
}

const position = z.tuple([z.string().regex(/^\d{1,18}$/), z.guid()]);
const listQuery = z.strictObject({
  ...pageQuery(position),
  channel: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a number')
    .transform(Number)
    .default(1),
});

function addList(app: ZodApp, { engine, reads }: ApiDeps): void {
  app.get(
    '/v1/transmissions',
    {
      config: {
        access: 'anyone',
        audited: true,
        refusals: ['transmission.channel_not_allowed'],
      },
      schema: {
        tags: TRANSMISSION_TAGS,
        summary: 'List the transmissions of a channel, newest first',
        querystring: listQuery,
        response: { 200: transmissionPageAnswer },
      },
    },
    async (request) => {
      const { channel, limit, cursor } = request.query;
      const known = engine.transmissions.channels.find(({ number }) => number === channel);
      const isOperator = request.caller.kind === 'account' && mayDo(request.caller, 'read');
      if (known === undefined || !(isOperator || known.userMay.includes('get'))) {
        const detail = `channel ${channel} cannot be listed`;
        throw new Refusal('transmission.channel_not_allowed', detail);
      }
      const orders = await listTransmissions(reads, {
        ...{ channel, limit: limit + 1 },
        ...(cursor === undefined
          ? {}
          : { before: { createdUs: BigInt(cursor[0]), id: cursor[1] } }),
      });
      const page = pageOf(
        orders,
        limit,
        ({ created_us: createdUs, id }) => [createdUs.toString(), id],
        summarizeTransmission,
      );
      return { transmissions: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

/** A transmission whose token was sent, or that somebody with the scope asks for. Throws Refusal. */
export async function ownTransmission(
  deps: ApiDeps,
  request: FastifyRequest,
  orderId: string,
  scope: 'read' | 'payments',
): Promise<TransmissionView> {
  logAbout(request, { orderId });
  const view = await viewOf(deps, orderId);
  const { caller } = request;
  if (caller.kind === 'account' && mayDo(caller, scope)) return view;
  refuseWrongToken(deps, request, orderId);
  return view;
}

/** Throws Refusal `transmission.unauthorized`. */
export function refuseWrongToken(deps: ApiDeps, request: FastifyRequest, orderId: string): void {
  const token = capabilityIn(request);
  if (token !== undefined && isOrderToken(secretsFor(deps), orderId, token)) return;
  throw new Refusal('transmission.unauthorized', 'send its token as Quittance-Capability');
}

/** Throws Refusal `transmission.not_found`. */
export async function viewOf({ engine }: ApiDeps, orderId: string): Promise<TransmissionView> {
  const view = await readTransmission(engine.pool, orderId);
  if (view === undefined) {
    throw new Refusal('transmission.not_found', `there is no transmission ${orderId}`);
  }
  return view;
}

function secretsFor({ satellite, engine }: ApiDeps): readonly [string, ...string[]] {
  return satellite?.orderSecrets ?? [engine.secret];
}
