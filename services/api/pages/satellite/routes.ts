import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id as uuid } from '@quittance/sdk/answers';
import { toMsat } from '../../../../domain/money.js';
import { minBid, otaBytes } from '../../../../domain/transmissions/bid.js';
import { type Channel, channelNumbered } from '../../../../domain/transmissions/channels.js';
import { regionsToBits } from '../../../../domain/transmissions/regions.js';
import { Refusal } from '../../../../domain/refusal.js';
import { isStorable } from '../../../../domain/storable.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { openTransmission } from '../../../../engine/transmissions/open-transmission.js';
import { countBefore, readQueue } from '../../../../engine/transmissions/read-queue.js';
import { orderToken } from '../../satellite/tokens.js';
import { viewOf } from '../../v1/routes/transmissions.js';
import { type PagesContext, viewFor } from '../context.js';
import { Form, formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { sendPage } from '../send.js';
import { formIdempotency } from '../session/visitor.js';
import { OrderPage, ReceiptPage } from './order-page.js';
import { addOwnOrderRoutes } from './own-routes.js';
import { type Bid, SatellitePage, type SatelliteProps } from './satellite-page.js';

const options = { config: { access: 'anyone', audited: false }, schema: { hide: true } } as const;
const idParam = z.object({ id: uuid });
const channelQuery = z.object({ channel: z.coerce.number().int().default(1) });
const perByteText = z
  .string()
  .regex(/^\d{1,9}([.,]\d{1,3})?$/, 'a bid is a number of msat per byte');
const QUEUE_SHOWN = 50;

export function addSatelliteRoutes(app: FastifyInstance, context: PagesContext): void {
  addQueue(app, context);
  addCompose(app, context);
  addOrder(app, context);
}

function addQueue(app: FastifyInstance, context: PagesContext): void {
  app.get('/satellite', options, async (request, reply) => {
    const { channel } = parsed(channelQuery, request.query);
    return sendPage(reply, SatellitePage(await propsFor(context, request, channel)));
  });
  const quiet = { config: { access: 'anyone', quiet: true }, schema: { hide: true } } as const;
  app.get('/satellite/events', quiet, (_request, reply) =>
    context.streams.open(
      reply,
      (send) => context.deps.events?.subscribe(({ channel }) => send(channel.name)) ?? nothing,
    ),
  );
}

const nothing = (): void => undefined;

async function propsFor(
  context: PagesContext,
  request: FastifyRequest,
  number: number,
): Promise<SatelliteProps> {
  const { reads, engine } = context.deps;
  const channels = engine.transmissions.channels.filter(({ userMay }) => userMay.includes('get'));
  const channel = channelNumbered(number, channels);
  if (channel === undefined) {
    throw new Refusal('transmission.channel_not_allowed', `Channel ${number} cannot be seen.`);
  }
  const { minPerByteBidMsat, minPerByteBidMicros = 0n } = engine.limits;
  return {
    view: viewFor(context, request),
    ...{ channels, channel, queue: await readQueue(reads, channel.number, QUEUE_SHOWN) },
    leastPerByte: Number(minPerByteBidMsat) + Number(minPerByteBidMicros) / 1_000_000,
    typed: new Form(),
  };
}

function addCompose(app: FastifyInstance, context: PagesContext): void {
  const { engine } = context.deps;
  app.post('/satellite', options, async (request, reply) => {
    const typed = formOf(request.body);
    const props = { ...(await propsFor(context, request, 1)), typed };
    try {
      const message = messageOf(typed, props.channel);
      const bid = await bidOf(context, props.channel, message, typed);
      if (typed.text('step') !== 'open')
        return await sendPage(reply, SatellitePage({ ...props, bid }));
      const { orderId } = await openTransmission(engine, {
        ...{ channel: 1, message, regions: regionsIn(typed), bidMsat: toMsat(bid.bidMsat) },
        operator: false,
        origin: originOf(engine.secret, request.ip),
        ...formIdempotency(request, typed),
      });
      const order = await viewOf(context.deps, orderId);
      const token = orderToken(context.deps.satellite?.orderSecrets[0] ?? engine.secret, orderId);
      return await sendPage(
        reply,
        ReceiptPage({
          view: props.view,
          order,
          token,
          text: typed.longText('text'),
          site: `${request.protocol}://${request.host}`,
        }),
      );
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return sendPage(reply, SatellitePage({ ...props, refusal }), refusal.status);
    }
  });
}

function messageOf(typed: Form, { maxMessageBytes }: Channel): Buffer {
  const text = typed.longText('text');
  const message = Buffer.from(text, 'utf8');
  if (message.length === 0 || message.length > maxMessageBytes || !isStorable(text)) {
    throw new Refusal('transmission.message_invalid', `It has 1 to ${maxMessageBytes} bytes.`);
  }
  return message;
}

function regionsIn(typed: Form): number {
  const numbers = typed.all('region').filter((one) => /^[0-5]$/.test(one));
  if (numbers.length > 0) return regionsToBits(numbers.map(Number));
  throw new Refusal('transmission.message_invalid', 'Choose a region at least.');
}

/** The whole bid by its price per byte on air: never less than the lowest that is taken. */
async function bidOf(
  { deps: { engine, reads } }: PagesContext,
  { number }: Channel,
  message: Buffer,
  typed: Form,
): Promise<Bid> {
  const perByte = Number(parsed(perByteText, typed.text('perByte')).replace(',', '.'));
  const ota = otaBytes(message.length);
  const asked = BigInt(Math.ceil((perByte * 1000 * ota) / 1000));
  const least = minBid(message.length, engine.limits);
  const bidMsat = asked > least ? asked : least;
  const before = await countBefore(reads, number, Number(bidMsat) / ota);
  return { sizeBytes: message.length, otaBytes: ota, bidMsat, before };
}

function addOrder(app: FastifyInstance, context: PagesContext): void {
  const { deps } = context;
  app.get('/satellite/orders/:id', options, async (request, reply) => {
    const order = await viewOf(deps, parsed(idParam, request.params).id);
    return sendPage(reply, OrderPage({ view: viewFor(context, request), order }));
  });
  addOwnOrderRoutes(app, context);
}
