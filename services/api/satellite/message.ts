import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { z } from 'zod';
import { findMessage } from '../../../engine/transmissions/order-row.js';
import { channelNumbered } from '../../../domain/transmissions/channels.js';
import { SatelliteError } from './errors.js';

/** GET /message/SEQ: the bytes of a message that was transmitted. */
export async function sendMessage(
  reads: Pool,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { seq } = z.object({ seq: z.string() }).parse(request.params);
  const number = sequenceNumber.safeParse(seq);
  const message = number.success ? await findMessage(reads, number.data) : undefined;
  if (message === undefined) throw SatelliteError.coded(114, seq);
  if (channelNumbered(message.channel)?.userMay.includes('get') !== true) {
    throw SatelliteError.coded(130, message.channel);
  }
  return reply
    .headers({
      // The peer sends this type for any content; clients ignore it.
      'content-type': 'application/json',
      'content-disposition': `attachment; filename=${message.orderId}`,
      'last-modified': message.createdAt.toUTCString(),
      'cache-control': 'no-cache',
    })
    .send(message.body);
}

const sequenceNumber = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number)
  .pipe(z.int().max(2 ** 31 - 1));
