import { z } from 'zod';
import { transitionsLink } from '../domain/names/links.js';
import { orderWorkflowId } from '../domain/names/workflows.js';
import { orderMachine } from '../domain/transmissions/machine.js';
import type { OrderCall } from '../domain/transmissions/step.js';
import type { LinkedStep, Step } from '../domain/workflow-step.js';
import { toMsat } from '../domain/money.js';
import { Refusal } from '../domain/refusal.js';
import { ALL_REGIONS, REGION_NUMBERS, regionsToBits } from '../domain/transmissions/regions.js';
import { findAccount } from '../engine/accounts/accounts.js';
import type { EngineContext } from '../engine/context.js';
import { advanceOrder } from '../engine/transmissions/advance-order.js';
import { openTransmission } from '../engine/transmissions/open-transmission.js';
import { findOrder } from '../engine/transmissions/order-row.js';
import { closeOrderInvoices, createOrderInvoices } from '../engine/transmissions/call-node.js';
import { checkWorkflowId, failureOf, parseInput, withoutVainRetries } from './door.js';
import type { StartOptions } from './paid-action.js';

/** What a service sends that starts the workflow itself: the first step opens the order, with a draft's bytes. */
const openRequest = z.strictObject({
  /** Of POST /v1/transmissions/drafts. */
  draftId: z.guid().toLowerCase(),
  channel: z.int().default(1),
  /** Decimal digits; left out where the channel costs nothing. */
  bidMsat: z
    .string()
    .regex(/^\d{1,18}$/)
    .default('0'),
  /** Default: all. */
  regions: z
    .array(z.literal([...REGION_NUMBERS]))
    .min(1)
    .exactOptional(),
  /** An operator's name, for channels that users may not use. Believed only where starts are trusted. */
  actor: z.string().max(64).nullish(),
});

const orderInput = z.object({
  orderId: z.guid().toLowerCase(),
  open: openRequest.exactOptional(),
});
export type OrderInput = z.input<typeof orderInput>;
type ParsedInput = z.output<typeof orderInput>;

/** What `transmissionOrder` runs: `advanceOrder` as a local activity, one for each call to the node. Recorded by name in histories. */
export type TransmissionOrderActivities = Readonly<
  Record<OrderCall, (input: OrderInput) => Promise<void>>
> & {
  /** `workflowId`: of the workflow that asks. */
  advanceOrder(input: OrderInput, workflowId?: string): Promise<LinkedStep<OrderCall>>;
};

export function createTransmissionOrderActivities(
  engine: EngineContext,
  { apiUrl, trustsStarts }: StartOptions,
): TransmissionOrderActivities {
  return {
    advanceOrder: async (unparsed, workflowId) => {
      const input = parseInput(orderInput, unparsed);
      const { orderId } = input;
      checkWorkflowId(orderWorkflowId(orderId), workflowId);
      const step = await openThenAdvance(engine, input, trustsStarts);
      return { ...step, link: transitionsLink(apiUrl, orderMachine.name, orderId) };
    },
    createOrderInvoice: (input) => createOrderInvoices(engine, parseInput(orderInput, input)),
    cancelOrderInvoices: (input) => closeOrderInvoices(engine, parseInput(orderInput, input)),
  };
}

async function openThenAdvance(
  engine: EngineContext,
  { orderId, open }: ParsedInput,
  trustsStarts: boolean,
): Promise<Step<OrderCall>> {
  if (open !== undefined && (await findOrder(engine.pool, orderId)) === undefined) {
    // A draft's id was given to whoever made it over /v1; a name is only claimed.
    if (typeof open.actor === 'string' && !trustsStarts) {
      throw failureOf('start.token_missing', 'an operator sends on closed channels over /v1 only');
    }
    await openOnce(engine, orderId, open);
  }
  return advanceOrder(engine, { orderId });
}

async function openOnce(
  engine: EngineContext,
  id: string,
  { draftId, channel, bidMsat, regions, actor }: NonNullable<ParsedInput['open']>,
): Promise<void> {
  try {
    const account = typeof actor === 'string' ? await findAccount(engine.pool, actor) : undefined;
    await openTransmission(engine, {
      ...{ id, channel, bidMsat: toMsat(BigInt(bidMsat)), message: { draftId } },
      regions: regions === undefined ? ALL_REGIONS : regionsToBits(regions),
      operator: account?.role === 'operator',
    });
  } catch (error) {
    // The order is there and has expired, which is its outcome.
    if (error instanceof Refusal && error.code === 'transmission.invoice_failed') return;
    throw withoutVainRetries(error);
  }
}
