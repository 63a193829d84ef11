/** Of 50 sats, by a node of regtest that nobody runs, until November 2027. */
const INVOICE =
  'lnbcrt50n1p4svfgqsp5qsa8rpm5c4etmz394kltr07dtsp9dts3em8el8pljfwsu54747yspp52rv93cyctmx87czp32hse3dttpl59sjhp2yyp9dfarx2e58k23wqdqsv9hzqetcv9khqmr9xq97zvuqcqzzs9qrsqq30vw8cljemmfwxn9n523qrvd2cew55rlu9vcfvve5xwg4qrwpuhsh57uhlslz43l90gutvlnw93q4ygvple0qm394zl6h0uzuex8z7qprkfdn7';

/** A body for each request that takes one, by method and address: "Try it out" at /docs sends it as it is. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  'POST /v1/accounts': { name: 'carol' },
  'POST /v1/accounts/:name/tokens': { label: 'laptop', days: 90 },
  'POST /v1/accounts/:name/credits': { amountMsat: '5000', reason: 'welcome' },
  'POST /v1/accounts/:name/freeze': { because: 'reported as stolen' },
  'POST /v1/accounts/:name/unfreeze': { because: 'its holder was heard' },
  'POST /v1/actions': {
    type: 'ITEM_CREATE',
    args: { title: 'Hello, quittance' },
    payment: 'invoice',
  },
  'POST /v1/actions/:id/retry': { attempt: 1 },
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
  'POST /v1/withdrawals': { bolt11: INVOICE, maxFeeMsat: '10000' },
  'PUT /v1/withdrawals/auto': { thresholdMsat: '1000000' },
  'POST /v1/invites': { giftSats: 100, mostGifts: 10, expiresAt: '2027-01-01T00:00:00Z' },
  'PATCH /v1/accounts/me/settings': {
    receiveCreditsBelowMsat: '10000',
    hideDescriptions: true,
  },
  'POST /v1/start-tokens': { type: 'ITEM_CREATE', maxCostMsat: '10000' },
  'POST /v1/transmissions': { bidMsat: '2000', text: 'Hello from below', regions: [0, 2] },
  'POST /v1/transmissions/drafts': { message: 'SGVsbG8gZnJvbSBiZWxvdw==' },
  'POST /v1/transmissions/:id/bump': { amountMsat: '1000' },
  'POST /v1/push': {
    endpoint: 'https://push.example/send/abc',
    keys: {
      p256dh:
        'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    },
  },
  'POST /v1/transmissions/:id/claims/withdraw': { bolt11: INVOICE, maxFeeMsat: '10000' },
  'POST /v1/transmissions/:id/claims/collect': { asset: 'SATS' },
  'POST /v1/login/lnurl/token': { k1: '00'.repeat(32), secret: 'a-secret', name: 'alice' },
  'POST /v1/webhooks': { url: 'https://example.com/hooks', events: ['action.*'] },
  'POST /v1/webhooks/:id/rotate': { overlapSeconds: 86_400 },
  'POST /v1/webhooks/:id/test': {},
  'POST /v1/webhooks/:id/replay': { since: '2026-12-01T00:00:00Z', preview: true },
  'PUT /v1/wallets': { kind: 'simulator', address: 'carol' },
  'POST /v1/operator/operators': { name: 'dora', role: 'support', because: 'joins the desk' },
  'POST /v1/operator/operators/:name/revoke': { because: 'has left' },
  'POST /v1/operator/tokens/:id/revoke': { because: 'a laptop was lost' },
  'POST /v1/operator/grants/:id/reject': { because: 'a typing error' },
  'POST /v1/operator/grants/:id/reverse': { because: 'the wrong account' },
  'POST /v1/stores': { id: 'shop', url: 'https://shop.example', name: 'Shop' },
  'POST /v1/stores/:store/secrets': { secret: 'the secret of the webhook' },
  'PUT /v1/stores/:store/channels/:name': { kind: 'chat', hook: 'https://hooks.example/1' },
  'POST /v1/stores/:store/recover': { since: '2026-11-01T00:00:00Z', preview: true },
  'POST /v1/stores/:store/dead-letters/replay': { preview: true },
  'POST /v1/stores/:store/erasures': { order: '1', preview: true },
  'PUT /v1/stores/:store/keeping': { keepBodiesDays: 30, keepPersonsDays: 365 },
  'POST /v1/stores/:store/slips': { order: '1', again: false, preview: true },
  'PUT /v1/stores/:store/slips': { slips: { nameKeys: ['participant_name'] } },
  'PUT /v1/stores/:store/opening-hours': {
    week: [[], [[540, 1080]], [[540, 1080]], [[540, 1080]], [[540, 1080]], [[540, 1080]], []],
  },
  'PUT /v1/incidents/:id/mute': { until: null },
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
