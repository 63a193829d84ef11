import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isStorable } from '../../../domain/storable.js';
import {
  applyCallback,
  applyOwnCallback,
  type CallbackVerdict,
} from '../../../engine/transmissions/apply-callback.js';
import { findNamed } from '../../../engine/transmissions/gateway-invoices.js';
import { SatelliteError } from './errors.js';
import type { OrderDeps } from './own-order.js';
import { isCallbackToken } from './tokens.js';

/** POST /callback/LID/TOKEN: an invoice was paid. Of any number of copies one is answered 200. */
export async function postCallback(
  { engine, satellite }: OrderDeps,
  request: FastifyRequest,
): Promise<{ message: string }> {
  const { lid, token } = z.object({ lid: z.string(), token: z.string() }).parse(request.params);
  const storable = isStorable(lid);
  const named = storable ? await findNamed(engine.pool, lid) : undefined;
  if (named === undefined) throw SatelliteError.coded(112, lid);
  if (!isCallbackToken(satellite.secret, lid, token)) throw SatelliteError.coded(109);
  const verdict =
    named.maker === 'gateway'
      ? await applyCallback(engine, named.orderId, lid)
      : await applyOwnCallback(engine, lid);
  return answerOf(verdict, lid);
}

function answerOf(verdict: CallbackVerdict | 'unpaid', lid: string): { message: string } {
  switch (verdict) {
    case 'paid':
      return { message: `invoice ${lid} paid` };
    case 'already_paid':
      throw SatelliteError.coded(123);
    case 'expired':
      throw SatelliteError.coded(129);
    case 'orphaned':
      throw SatelliteError.coded(122);
    case 'unknown':
      throw SatelliteError.coded(112, lid);
    case 'unpaid':
      throw SatelliteError.message(409, 'The node says that the invoice is not paid.');
  }
}
