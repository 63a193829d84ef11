/** What is said of the routes that are exactly as a peer's: where theirs are documented, and what they take. */
export interface PeerRoute {
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
}

const THEIRS =
  'As in Blockstream’s Satellite API: bodies are forms, errors are in its format, and the order’s token is sent as the form field or query parameter `auth_token` or the header X-Auth-Token.';

function satellite(summary: string): PeerRoute {
  return { summary, description: THEIRS, tags: ['satellite'] };
}

function aleph(summary: string): PeerRoute {
  return { summary, description: 'As at a node of the Aleph network.', tags: ['aleph'] };
}

/** By method and address; routes that are not here only answer what the peer does not have. */
export const PEER_ROUTES: Readonly<Record<string, PeerRoute>> = {
  'POST /order': satellite('Place an order: bid (msat), message or file, regions, channel'),
  'GET /order/:uuid': satellite('An order, by its token'),
  'DELETE /order/:uuid': satellite('Cancel an order that is not yet sent'),
  'GET /api/v0/addresses/:address/balance': aleph('Credits of an address'),
  'GET /api/v0/credit_balances': aleph('Credits of all addresses, by page or cursor'),
  'GET /api/v0/addresses/:address/credit_history': aleph('What was given and taken'),
  'GET /api/v0/addresses/:address/credit_history/summary': aleph('Sums of the same'),
  'GET /api/v0/messages/:hash/consumed_credits': aleph('What a resource has consumed'),
  'GET /message/:seq': satellite('The bytes of a message by its sequence number'),
};
