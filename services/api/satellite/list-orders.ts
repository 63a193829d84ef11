import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readAdminOrders } from '../../../engine/transmissions/admin-orders.js';
import { isQueue, listOrders } from '../../../engine/transmissions/list-orders.js';
import { orderView } from '../../../engine/transmissions/order-row.js';
import { channelNumbered } from '../../../domain/transmissions/channels.js';
import { publicOrder, type PublicOrder } from '../../../domain/transmissions/public-order.js';
import { SatelliteError } from './errors.js';
import { queryFields } from './form.js';
import { channelNumber, parseFields, pythonInt } from './order-form.js';
import type { OrderDeps } from './own-order.js';

/** How far ahead of now the default of `before` is. */
const AHEAD_MS = 5_000;
const LONGEST_DELTA_SECONDS = 86_399_999_999_999;

/** As marshmallow reads ISO 8601; a zone is read and, as at the peer, ignored. */
const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})\d{0,6})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;

const time = z.string().transform((text, context) => {
  const parts = ISO.exec(text);
  const at =
    parts === null
      ? undefined
      : utc(parts.slice(1, 7).map((part: string | undefined) => Number(part ?? 0)));
  if (at !== undefined) return at;
  context.addIssue({ code: 'custom', message: 'Not a valid datetime.' });
  return z.NEVER;
});

/** Undefined for a day or time that does not exist. */
function utc(parts: readonly number[]): Date | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute, second, 0);
  const exists =
    year > 0 &&
    at.getUTCMonth() === month - 1 &&
    at.getUTCDate() === day &&
    at.getUTCHours() === hour &&
    at.getUTCMinutes() === minute &&
    at.getUTCSeconds() === second;
  return exists ? at : undefined;
}

const delta = z
  .string()
  .max(4300, 'Not a valid period of time.')
  .regex(/^\s*[+-]?\d+(_\d+)*\s*$/, 'Not a valid period of time.')
  .transform((text) => Number(text.trim().replaceAll('_', '')))
  .refine((seconds) => Math.abs(seconds) <= LONGEST_DELTA_SECONDS, 'Not a valid period of time.');

const LIMIT = 'Must be greater than or equal to 1 and less than or equal to 100.';

const query = z
  .strictObject({
    before: time.optional(),
    before_delta: delta.optional(),
    after: time.optional(),
    after_delta: delta.optional(),
    limit: pythonInt
      .transform(Number)
      .refine((limit) => limit >= 1 && limit <= 100, LIMIT)
      .default(20),
    channel: channelNumber.default(1),
  })
  .superRefine(({ before, before_delta, after, after_delta }, context) => {
    for (const [name, one, other] of [
      ['before', before, before_delta],
      ['after', after, after_delta],
    ] as const) {
      if (one === undefined || other === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: ['_schema'],
        message: `Only one of ${name} or ${name}_delta is allowed`,
      });
    }
  });

/** GET /orders/STATE. */
export async function showQueue(
  { engine, reads }: OrderDeps,
  request: FastifyRequest,
  admin: boolean,
): Promise<readonly PublicOrder[]> {
  const { state } = z.object({ state: z.string() }).parse(request.params);
  if (!isQueue(state)) {
    const text = `The requested queue of ${state} orders${' '.repeat(16)}does not exist`;
    throw SatelliteError.fields({ [state]: [text] }, 404);
  }
  const asked = parseFields(query, queryFields(request.query));
  const { channel, limit } = asked;
  const may = channelNumbered(channel, engine.transmissions.channels)?.userMay.includes('get');
  if (!admin && may !== true) throw SatelliteError.coded(130, channel);
  const now = Date.now();
  const after = timeOf(asked.after, asked.after_delta, now);
  const orders = await listOrders(reads, {
    ...{ queue: state, channel, limit },
    before: timeOf(asked.before, asked.before_delta, now) ?? new Date(now + AHEAD_MS),
    ...(after === undefined ? {} : { after }),
  });
  return admin
    ? readAdminOrders(reads, orders)
    : orders.map((order) => publicOrder(orderView(order)));
}

const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59Z');

function timeOf(at: Date | undefined, before: number | undefined, now: number): Date | undefined {
  if (at !== undefined || before === undefined) return at;
  return new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, now - before * 1000)));
}
