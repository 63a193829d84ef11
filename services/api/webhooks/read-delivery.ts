import type { FastifyRequest } from 'fastify';
import type { Delivery } from '../../../engine/intake/events/receive.js';

/** Kept with the delivery. No other header of a store says anything. */
const KEPT_HEADERS = /^(x-wc-webhook-[a-z-]+|user-agent|content-type)$/;
const MAX_HEADER = 1_000;
const MAX_TOPIC = 200;

/** What a ping's body is, which has none of the headers. */
const PING = /^webhook_id=\d{1,18}$/;

export function isPing(body: Buffer, request: Pick<FastifyRequest, 'headers'>): boolean {
  const isShort = body.length < 50 && request.headers['x-wc-webhook-topic'] === undefined;
  return isShort && PING.test(body.toString('latin1').trim());
}

/** `path`: the topic in the address, as in `created` or `order.created`. */
export function readDelivery(
  request: Pick<FastifyRequest, 'headers'>,
  store: string,
  path: string | undefined,
  body: Buffer,
): Delivery {
  const header = (name: string): string => textOf(request.headers[`x-wc-webhook-${name}`]);
  const ofPath = path === undefined || path.includes('.') ? (path ?? '') : `order.${path}`;
  const topic = header('topic') === '' ? ofPath : header('topic');
  return {
    store,
    topic: topic === '' ? 'unknown' : topic.slice(0, MAX_TOPIC),
    source: header('source'),
    webhookId: header('id'),
    deliveryId: header('delivery-id'),
    headers: Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        KEPT_HEADERS.test(name) ? [[name, textOf(value)]] : [],
      ),
    ),
    body,
  };
}

export function signatureOf(request: Pick<FastifyRequest, 'headers'>): string {
  return textOf(request.headers['x-wc-webhook-signature']);
}

function textOf(value: string | readonly string[] | undefined): string {
  const text = typeof value === 'string' ? value : (value?.[0] ?? '');
  return text.slice(0, MAX_HEADER);
}
