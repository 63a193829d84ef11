import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  findMessage,
  findMessageOf,
  type SentMessage,
} from '../../../engine/transmissions/order-row.js';
import { channelNumbered } from '../../../domain/transmissions/channels.js';
import { SatelliteError } from './errors.js';
import { admissionFor } from './guard.js';
import { type OrderDeps, orderId } from './own-order.js';

/** GET /message/SEQ: the bytes of a message that was transmitted. */
export async function sendMessage(
  { engine, reads }: OrderDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  admin: boolean,
): Promise<FastifyReply> {
  const { seq } = z.object({ seq: z.string() }).parse(request.params);
  const number = sequenceNumber.safeParse(seq);
  const message = number.success ? await findMessage(reads, number.data) : undefined;
  if (message === undefined) throw SatelliteError.coded(114, seq);
  const channel = channelNumbered(message.channel, engine.transmissions.channels);
  if (!admin && channel?.userMay.includes('get') !== true) {
    throw SatelliteError.coded(130, message.channel);
  }
  // Sent so long ago that its bytes are deleted: the peer would fail here.
  if (message.body === null) throw SatelliteError.coded(114, seq);
  return sendBytes(reply, message, message.body);
}

/**
 * GET /order/UUID/sent_message, in development: the same by the order's id, without a token. As at the peer it shows every channel to
 * whoever may also read it under /admin.
 */
export async function sendOwnMessage(
  { engine, reads, satellite, isTrustedProxy = () => false }: OrderDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!satellite.development) throw SatelliteError.notFound();
  const { uuid } = z.object({ uuid: z.string() }).parse(request.params);
  const id = orderId.safeParse(uuid);
  const message = id.success ? await findMessageOf(reads, id.data) : undefined;
  const channel = channelNumbered(message?.channel ?? 0, engine.transmissions.channels);
  const body = message?.body ?? undefined;
  if (message === undefined || body === undefined) throw SatelliteError.coded(104, uuid);
  const isPublic = channel?.userMay.includes('get') === true;
  if (!isPublic && admissionFor(satellite.guard, request, isTrustedProxy) === undefined) {
    throw SatelliteError.coded(104, uuid);
  }
  return sendBytes(reply, message, body);
}

function sendBytes(
  reply: FastifyReply,
  { orderId: id, createdAt }: SentMessage,
  body: Buffer,
): FastifyReply {
  return reply
    .headers({
      // The peer sends this type for any content; clients ignore it.
      'content-type': 'application/json',
      'content-disposition': `attachment; filename=${id}`,
      'last-modified': createdAt.toUTCString(),
      'cache-control': 'no-cache',
    })
    .send(body);
}

export const sequenceNumber = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number)
  .pipe(z.int().max(2 ** 31 - 1));
