import type { FastifySchema } from 'fastify';

/** Documentation of a route that works exactly as a peer's. It checks nothing. */
export interface PeerRoute {
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parts: FastifySchema;
}

const THEIRS =
  'As in Blockstream’s Satellite API: bodies are forms, errors have its format, and the order’s token is the form field or query parameter `auth_token` or the header X-Auth-Token.';

const FORMS = ['multipart/form-data', 'application/x-www-form-urlencoded'];

const text = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const nullable = { type: ['string', 'null'] } as const;

function object(properties: Readonly<Record<string, unknown>>, example?: unknown): object {
  return { type: 'object', properties, ...(example === undefined ? {} : { examples: [example] }) };
}

function answers(schema: object, description: string, type = 'application/json'): FastifySchema {
  return { response: { 200: { description, content: { [type]: { schema } } } } };
}

const UUID = { ...text, format: 'uuid' };
const ORDER = object({
  uuid: UUID,
  bid: integer,
  unpaid_bid: integer,
  bid_per_byte: { type: 'number' },
  message_size: integer,
  message_digest: text,
  status: text,
  created_at: text,
  cancelled_at: nullable,
  started_transmission_at: nullable,
  ended_transmission_at: nullable,
  tx_seq_num: { type: ['integer', 'null'] },
  regions: { type: 'array', items: integer },
});
const INVOICE = object({ id: text, msatoshi: text, payreq: text, expires_at: integer });
const BUMPED = object({ auth_token: text, lightning_invoice: INVOICE });
const OPENED = object({ auth_token: text, uuid: UUID, lightning_invoice: INVOICE });
const ORDER_FIELDS = {
  bid: { ...text, description: 'Millisatoshi.' },
  message: { ...text, description: 'A text; or `file`.' },
  file: { ...text, format: 'binary' },
  regions: { ...text, description: 'Like `[0,2]`; all when left out.' },
  channel: { ...text, description: '1 when left out.' },
};
const ORDER_FORM = object(ORDER_FIELDS, { bid: '2000', message: 'Hello from below' });
const OF_ORDER: FastifySchema = {
  params: object({ uuid: UUID }),
  headers: object({ 'X-Auth-Token': text }),
};
const OF_SEQ: FastifySchema = { params: object({ seq: integer }) };
const BYTES = answers({ ...text, format: 'binary' }, 'The message', 'application/octet-stream');
const QUEUES = [
  ...['pending', 'paid', 'queued', 'transmitting', 'confirming', 'retransmitting'],
  ...['sent', 'rx-pending', 'received'],
];
const OF_QUEUE: FastifySchema = {
  params: object({ state: { ...text, enum: QUEUES } }),
  querystring: object({
    before: { ...text, description: 'ISO 8601; default: now and five seconds.' },
    before_delta: { ...integer, description: 'Seconds from now, in place of `before`.' },
    after: text,
    after_delta: integer,
    limit: { ...integer, description: '1 to 100; default: 20.' },
    channel: { ...integer, description: '1 when left out.' },
  }),
};
const QUEUE = answers({ type: 'array', items: ORDER }, 'Its orders');
const EVENTS = answers(text, 'Server-sent events', 'text/event-stream');
const OF_CHANNELS: FastifySchema = {
  params: object({ channels: { ...text, examples: ['transmissions,gossip'] } }),
  ...EVENTS,
};
const SAID = answers(object({ message: text }), 'What was done');

function form(properties: Readonly<Record<string, unknown>>, example: unknown): FastifySchema {
  return { consumes: FORMS, body: object(properties, example) };
}

function satellite(summary: string, parts: FastifySchema = {}): PeerRoute {
  return { summary, description: THEIRS, tags: ['satellite'], parts };
}

function aleph(summary: string, answer: object, parts: FastifySchema = {}): PeerRoute {
  const description = 'As at a node of the Aleph network.';
  const all = { ...parts, ...answers(answer, 'As at a node of the Aleph network') };
  return { summary, description, tags: ['aleph'], parts: all };
}

function delivery(summary: string, params: Readonly<Record<string, unknown>>): PeerRoute {
  return {
    summary,
    description:
      'For WooCommerce: what is signed with a secret of the store is answered with 200 once it is stored, whatever it holds. A wrong signature is refused with 401 `store.bad_signature`.',
    tags: ['stores'],
    parts: {
      params: object(params),
      headers: object({ 'X-WC-Webhook-Signature': text, 'X-WC-Webhook-Topic': text }),
      body: object({ id: integer, status: text }, { id: 727, status: 'processing' }),
      ...answers(text, 'Stored', 'text/plain'),
    },
  };
}

const ADDRESS = { ...text, examples: ['0x51A58800b26AA1451aaA803d1746687cB88E0501'] };
const OF_ADDRESS: FastifySchema = { params: object({ address: ADDRESS }) };
const PAGE = { pagination: integer, page: integer };

/** By method and address. Other routes of the plugins only answer for methods that the peer does not have, and are not shown. */
export const PEER_ROUTES: Readonly<Record<string, PeerRoute>> = {
  'POST /order': satellite('Place an order: bid (msat), message or file, regions, channel', {
    ...{ consumes: FORMS, body: ORDER_FORM },
    ...answers(OPENED, 'The order’s token and its invoice'),
  }),
  'GET /order/:uuid': satellite('Read an order', { ...OF_ORDER, ...answers(ORDER, 'The order') }),
  'DELETE /order/:uuid': satellite('Cancel an order before it is sent', {
    ...OF_ORDER,
    ...answers(object({ message: text }), 'Cancelled'),
  }),
  'GET /api/v0/addresses/:address/balance': aleph(
    'Credits of an address',
    object({ address: text, balance: { type: 'number' }, credit_balance: integer }),
    OF_ADDRESS,
  ),
  'GET /api/v0/credit_balances': aleph(
    'Credits of all addresses, by page or cursor',
    object({
      credit_balances: { type: 'array', items: object({ address: text, credits: integer }) },
    }),
    { querystring: object({ ...PAGE, cursor: text, min_balance: integer }) },
  ),
  'GET /api/v0/addresses/:address/credit_history': aleph(
    'Grants, transfers and debits of an address',
    object({ address: text, credit_history: { type: 'array', items: object({}) } }),
    { ...OF_ADDRESS, querystring: object(PAGE) },
  ),
  'GET /api/v0/addresses/:address/credit_history/summary': aleph(
    'Totals of the credit history',
    object({
      ...{ address: text, entry_count: integer, total_amount: integer },
      ...{ total_incoming: integer, total_outgoing: integer },
    }),
    OF_ADDRESS,
  ),
  'GET /api/v0/messages/:hash/consumed_credits': aleph(
    'Credits consumed by a resource',
    object({ item_hash: text, consumed_credits: integer }),
    { params: object({ hash: text }) },
  ),
  'POST /v1/stores/:store/webhooks': delivery('Deliver a webhook of any topic', { store: text }),
  'POST /v1/stores/:store/webhooks/:topic': delivery('Deliver a webhook of one topic', {
    store: text,
    topic: text,
  }),
  'GET /message/:seq': satellite('The bytes of a message by its sequence number', {
    ...OF_SEQ,
    ...BYTES,
  }),
  'POST /order/:uuid/bump': satellite('Raise the bid of an order: bid_increase (msat)', {
    ...OF_ORDER,
    ...form(
      { bid_increase: { ...text, description: 'Millisatoshi.' }, auth_token: text },
      { bid_increase: '1000' },
    ),
    ...answers(BUMPED, 'The order’s token and the invoice of the increase'),
  }),
  'GET /orders/:state': satellite('A queue', { ...OF_QUEUE, ...QUEUE }),
  'GET /order/:uuid/sent_message': satellite('The bytes of a message, in development', {
    ...OF_ORDER,
    ...BYTES,
  }),
  'POST /order/tx/:seq': satellite('A station confirms sending', {
    ...OF_SEQ,
    ...form({ regions: text }, { regions: '[0,2]' }),
    ...SAID,
  }),
  'POST /order/rx/:seq': satellite('A receiver confirms', {
    ...OF_SEQ,
    ...form({ region: text }, { region: '0' }),
    ...SAID,
  }),
  'POST /callback/:lid/:token': satellite('The gateway tells that an invoice was paid', {
    params: object({ lid: text, token: text }),
    ...SAID,
  }),
  'GET /info': satellite('What the Lightning node says of itself', answers(object({}), 'As lnd')),
  'GET /queue.html': satellite('The queues as a page', answers(text, 'A page', 'text/html')),
  'GET /subscribe/:channels': satellite(
    'Starts and ends of transmissions, as server-sent events',
    OF_CHANNELS,
  ),
  'POST /admin/order': satellite('Place an order on any channel', {
    ...form(ORDER_FIELDS, { message: 'Hello from above', channel: '3' }),
    ...answers(OPENED, 'The order’s token, and its invoice where the channel is paid for'),
  }),
  'GET /admin/order/:uuid': satellite('Read an order with its confirmations', {
    ...OF_ORDER,
    ...answers(ORDER, 'The order'),
  }),
  'DELETE /admin/order/:uuid': satellite('Cancel an order of any channel', {
    ...OF_ORDER,
    ...SAID,
  }),
  'GET /admin/orders/:state': satellite('A queue of any channel, with confirmations', {
    ...OF_QUEUE,
    ...QUEUE,
  }),
  'GET /admin/message/:seq': satellite('The bytes of a message of any channel', {
    ...OF_SEQ,
    ...BYTES,
  }),
  'GET /admin/subscribe/:channels': satellite('Events of any channel', OF_CHANNELS),
};
