import type { FastifyReply } from 'fastify';
import type { ActionView } from '../../../engine/actions/contract.js';
import { answerStatus } from './replayed.js';

/** 201 when opened, 202 while its invoice is still to come, 200 when replayed. */
export function openStatus(
  reply: FastifyReply,
  view: ActionView,
  replayed: boolean,
): 200 | 201 | 202 {
  return answerStatus(reply, replayed, view.state === 'INVOICING' ? 202 : 201);
}
