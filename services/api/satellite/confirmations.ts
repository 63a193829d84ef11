import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { transact } from '../../../engine/context.js';
import { confirmOrder, findTransmitted } from '../../../engine/transmissions/apply-confirmation.js';
import type { ConfirmationKind } from '../../../domain/transmissions/confirmation.js';
import { bitsToRegions } from '../../../domain/transmissions/regions.js';
import { SatelliteError } from './errors.js';
import { sequenceNumber } from './message.js';
import { parseRxForm, parseTxForm } from './order-form.js';
import type { OrderDeps } from './own-order.js';

interface Confirmed {
  readonly message: string;
}

/** POST /order/tx/SEQ: a host has sent the message in these regions. */
export async function confirmTx(deps: OrderDeps, request: FastifyRequest): Promise<Confirmed> {
  const regions = bitsToRegions(parseTxForm(request.form).regions);
  await confirm(deps, request, 'tx', regions);
  const asSent = request.form.fields.get('regions') ?? '';
  return { message: `transmission confirmed for regions ${asSent}` };
}

/** POST /order/rx/SEQ: the receiver of this region has got it. */
export async function confirmRx(deps: OrderDeps, request: FastifyRequest): Promise<Confirmed> {
  const { region } = parseRxForm(request.form);
  await confirm(deps, request, 'rx', [region]);
  return { message: `reception confirmed for region ${region}` };
}

async function confirm(
  { engine }: OrderDeps,
  request: FastifyRequest,
  kind: ConfirmationKind,
  regions: readonly number[],
): Promise<void> {
  const { seq } = z.object({ seq: z.string() }).parse(request.params);
  const number = sequenceNumber.safeParse(seq);
  const outcome = number.success
    ? await transact(engine, async (tx) =>
        confirmOrder(tx, await findTransmitted(tx, { txSeqNum: number.data }), { kind, regions }),
      )
    : 'unknown';
  if (outcome === 'unknown') throw SatelliteError.coded(114, seq);
}
