import type { FastifyReply, FastifyRequest } from 'fastify';
import { originOf } from '../../../../engine/accounts/origin.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { openAction } from '../../../../engine/actions/open.js';
import type { PagesContext } from '../context.js';
import { formOf } from '../http/form.js';
import { logAbout } from '../../request-log.js';
import { formIdempotency, rememberAction } from '../session/visitor.js';

/** Opens an action for whoever sent a form, at the cost that they were shown at most. A browser without an account keeps its capability. */
export async function openFrom(
  { deps: { engine }, settings }: PagesContext,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: { readonly type: string; readonly args: unknown },
): Promise<ActionView> {
  const form = formOf(request.body);
  const shown = form.text('maxCostMsat');
  const { view, capability } = await openAction(engine, {
    ...asked,
    ...{ payment: 'auto', caller: request.caller, origin: originOf(engine.secret, request.ip) },
    ...formIdempotency(request, form),
    ...(/^\d{1,18}$/.test(shown) ? { maxCostMsat: BigInt(shown) } : {}),
  });
  logAbout(request, { actionId: view.id });
  if (capability !== undefined) {
    rememberAction(request, reply, { id: view.id, capability }, settings.secureCookies);
  }
  return view;
}
