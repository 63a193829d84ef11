/** A body for each request that takes one, by method and address: "Try it out" at /docs sends it as it is. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  'POST /v1/accounts': { name: 'carol' },
  'POST /v1/accounts/:name/tokens': { label: 'laptop', days: 90 },
  'POST /v1/accounts/:name/tokens/revoke': {},
  'POST /v1/accounts/me/tokens/rotate': {},
  'POST /v1/accounts/:name/credits': { amountMsat: '5000', reason: 'welcome' },
  'POST /v1/accounts/:name/freeze': { because: 'reported as stolen' },
  'POST /v1/accounts/:name/unfreeze': { because: 'its holder was heard' },
  'POST /v1/actions': {
    type: 'ITEM_CREATE',
    args: { title: 'Hello, quittance' },
    payment: 'invoice',
  },
  'POST /v1/actions/:id/cancel': {},
  'POST /v1/actions/:id/retry': { attempt: 1 },
  'POST /v1/actions/:id/claims/collect': {},
  'POST /v1/credits/messages': {
    hash: 'a-hash-of-the-message',
    type: 'aleph_credit_transfer',
    sender: '0x51A58800b26AA1451aaA803d1746687cB88E0501',
    channel: 'ALEPH_CREDIT',
    at: '2026-03-01T00:00:00Z',
    content: {
      transfer: { credits: [{ address: '0x0000000000000000000000000000000000000001', amount: 5 }] },
    },
  },
  'POST /v1/withdrawals': { bolt11: 'lnbcrt1…', maxFeeMsat: '10000' },
  'POST /v1/webhooks': { url: 'https://example.com/hooks', events: ['action.*'] },
  'POST /v1/webhooks/:id/rotate': { overlapSeconds: 86_400 },
  'POST /v1/webhooks/:id/test': {},
  'POST /v1/webhooks/:id/replay': { since: '2026-12-01T00:00:00Z', preview: true },
  'PUT /v1/wallets': { kind: 'simulator', address: 'carol' },
  'POST /v1/operator/operators': { name: 'dora', role: 'support', because: 'joins the desk' },
  'POST /v1/operator/operators/:name/revoke': { because: 'has left' },
  'POST /v1/operator/tokens/:id/revoke': { because: 'a laptop was lost' },
  'POST /v1/operator/grants/:id/approve': {},
  'POST /v1/operator/grants/:id/reject': { because: 'a typing error' },
  'POST /v1/operator/grants/:id/reverse': { because: 'the wrong account' },
  'POST /v1/stores': { id: 'shop', url: 'https://shop.example', name: 'Shop' },
  'POST /v1/stores/:store/secrets': { secret: 'the secret of the webhook' },
  'PUT /v1/stores/:store/channels/:name': { kind: 'chat', hook: 'https://hooks.example/1' },
  'POST /v1/stores/:store/channels/:name/test': {},
  'PUT /v1/stores/:store/opening-hours': {
    week: [[], [[540, 1080]], [[540, 1080]], [[540, 1080]], [[540, 1080]], [[540, 1080]], []],
  },
  'PUT /v1/incidents/:id/mute': { until: null },
  'POST /v1/incidents/:id/resolve': {},
};

/** Like `getAccountsMe`, `postActionsByIdCancel`: from method and address, so that generated clients keep their names. */
export function operationIdOf(method: string, url: string): string {
  const parts = url.split(/[/._-]/).filter((part) => part !== '' && part !== 'v1');
  const words = parts.map((part) => {
    const by = part.startsWith(':');
    const word = by ? part.slice(1) : part;
    return `${by ? 'By' : ''}${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  });
  return `${method.toLowerCase()}${words.join('')}`;
}
