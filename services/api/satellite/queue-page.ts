import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** Reads the queues of the channel in the page's own query, and shows them as tables. */
const SCRIPT = `
const channel = new URLSearchParams(location.search).get('channel') || '1';
const columns = ['uuid', 'created_at', 'bid', 'unpaid_bid', 'bid_per_byte', 'message_size', 'status', 'tx_seq_num',
  'started_transmission_at', 'ended_transmission_at'];
async function show(queue) {
  const rows = await (await fetch('orders/' + queue + '?limit=100&channel=' + encodeURIComponent(channel))).json();
  const body = document.querySelector('#' + queue + ' tbody');
  for (const row of Array.isArray(rows) ? rows : []) {
    const line = body.insertRow();
    for (const column of columns) line.insertCell().textContent = row[column] ?? '';
  }
}
for (const queue of ['queued', 'retransmitting', 'pending', 'sent']) show(queue);
`;

const STYLE =
  'body{font-family:sans-serif}table{border-collapse:collapse}td,th{padding:.2em .6em;text-align:left}';

const PAGE = page();
const POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${digest(SCRIPT)}'`,
  `style-src 'sha256-${digest(STYLE)}'`,
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** GET /queue.html. */
export function sendQueuePage(reply: FastifyReply): FastifyReply {
  return reply
    .headers({ 'content-type': 'text/html', 'content-security-policy': POLICY })
    .send(PAGE);
}

function page(): string {
  const heads = [
    ...['uuid', 'created', 'bid', 'unpaid bid', 'bid per byte', 'size', 'status', 'number'],
    ...['started', 'ended'],
  ];
  const head = `<thead><tr>${heads.map((text) => `<th>${text}</th>`).join('')}</tr></thead>`;
  const tables = ['queued', 'retransmitting', 'pending', 'sent'].map(
    (queue) => `<h2>${queue}</h2><table id="${queue}">${head}<tbody></tbody></table>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Transmission queue</title><style>${STYLE}</style></head>
<body>
<h1>Transmission queue</h1>
${tables.join('\n')}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
