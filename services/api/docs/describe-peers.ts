/** Documentation of a route that works exactly as a peer's. */
export interface PeerRoute {
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
}

const THEIRS =
  'As in Blockstream’s Satellite API: bodies are forms, errors have its format, and the order’s token is the form field or query parameter `auth_token` or the header X-Auth-Token.';

function satellite(summary: string): PeerRoute {
  return { summary, description: THEIRS, tags: ['satellite'] };
}

function aleph(summary: string): PeerRoute {
  return { summary, description: 'As at a node of the Aleph network.', tags: ['aleph'] };
}

function delivery(summary: string): PeerRoute {
  return {
    summary,
    description:
      'For WooCommerce: what is signed with a secret of the store is answered with 200 once it is stored, whatever it holds. A wrong signature is refused with 401 `store.bad_signature`.',
    tags: ['stores'],
  };
}

/** By method and address. Other routes of the plugins only answer for methods that the peer does not have, and are not shown. */
export const PEER_ROUTES: Readonly<Record<string, PeerRoute>> = {
  'POST /order': satellite('Place an order: bid (msat), message or file, regions, channel'),
  'GET /order/:uuid': satellite('Read an order'),
  'DELETE /order/:uuid': satellite('Cancel an order before it is sent'),
  'GET /api/v0/addresses/:address/balance': aleph('Credits of an address'),
  'GET /api/v0/credit_balances': aleph('Credits of all addresses, by page or cursor'),
  'GET /api/v0/addresses/:address/credit_history': aleph(
    'Grants, transfers and debits of an address',
  ),
  'GET /api/v0/addresses/:address/credit_history/summary': aleph('Totals of the credit history'),
  'GET /api/v0/messages/:hash/consumed_credits': aleph('Credits consumed by a resource'),
  'POST /v1/stores/:store/webhooks': delivery('Deliver a webhook of any topic'),
  'POST /v1/stores/:store/webhooks/:topic': delivery('Deliver a webhook of one topic'),
  'POST /order/:uuid/bump': satellite('Raise the bid of an order: bid_increase (msat)'),
  'GET /orders/:state': satellite(
    'A queue: pending, paid, queued, transmitting, confirming, retransmitting, sent, rx-pending, received',
  ),
  'GET /message/:seq': satellite('The bytes of a message by its sequence number'),
  'GET /order/:uuid/sent_message': satellite('The bytes of a message, in development'),
  'POST /order/tx/:seq': satellite('A station confirms sending: regions'),
  'POST /order/rx/:seq': satellite('A receiver confirms: region'),
  'POST /callback/:lid/:token': satellite('The gateway tells that an invoice was paid'),
  'GET /info': satellite('What the Lightning node says of itself'),
  'GET /queue.html': satellite('The queues as a page'),
  'GET /subscribe/:channels': satellite('Starts and ends of transmissions, as server-sent events'),
  'POST /admin/order': satellite('Place an order on any channel'),
  'GET /admin/order/:uuid': satellite('Read an order with its confirmations'),
  'DELETE /admin/order/:uuid': satellite('Cancel an order of any channel'),
  'GET /admin/orders/:state': satellite('A queue of any channel, with confirmations'),
  'GET /admin/message/:seq': satellite('The bytes of a message of any channel'),
  'GET /admin/subscribe/:channels': satellite('Events of any channel'),
};
