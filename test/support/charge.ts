import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChargedInvoice {
  readonly id: string;
  readonly rhash: string;
  readonly payreq: string;
  readonly msatoshi: string;
  readonly description: string;
  readonly metadata: { readonly uuid: string; readonly sha256_message_digest: string };
  status: string;
}

type ChargeFault = 'refuse_invoice' | 'lose_invoice' | 'refuse_webhook' | 'refuse_info';

/** A gateway in place of Lightning Charge: it answers what the Satellite API asks of one, and no more. */
export interface FakeCharge {
  /** With credentials in it. */
  readonly root: string;
  readonly invoices: ChargedInvoice[];
  /** Of each invoice's id. */
  readonly webhooks: Map<string, string>;
  readonly authorizations: Set<string | undefined>;
  /** How the next such call fails. */
  failNext(fault: ChargeFault): void;
  /** Makes the next invoice, and answers only when it is released. */
  holdNext(): HeldAnswer;
  close(): Promise<void>;
}

export interface HeldAnswer {
  /** It is asked for, and made. */
  readonly made: Promise<ChargedInvoice>;
  release(): void;
}

export async function startCharge(): Promise<FakeCharge> {
  const invoices: ChargedInvoice[] = [];
  const webhooks = new Map<string, string>();
  const authorizations = new Set<string | undefined>();
  const faults = new Set<ChargeFault>();
  const holds: ((invoice: ChargedInvoice) => Promise<void>)[] = [];
  const takes = (fault: ChargeFault): boolean => faults.delete(fault);
  const server = createServer((request, response) => {
    authorizations.add(request.headers.authorization);
    void bodyOf(request).then((body) => {
      const answer = (status: number, value: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(value));
      };
      const [, kind, id = '', hook] = (request.url ?? '').split('/');
      if (request.method === 'GET' && kind === 'info') {
        if (takes('refuse_info')) answer(401, 'no');
        else answer(200, { id: '02ab', alias: 'é' });
      } else if (kind !== 'invoice' || request.method !== 'POST') answer(404, 'Not Found');
      else if (hook === 'webhook') {
        const isRefused = takes('refuse_webhook');
        if (!isRefused) webhooks.set(decodeURIComponent(id), String(body['url']));
        answer(isRefused ? 405 : 201, {});
      } else if (takes('refuse_invoice')) answer(500, 'no');
      else {
        const invoice = invoiceOf(body);
        invoices.push(invoice);
        const hold = holds.shift();
        if (takes('lose_invoice')) request.socket.destroy();
        else if (hold === undefined) answer(201, invoice);
        else void hold(invoice).then(() => answer(201, invoice));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ root: `http://api-token:s%40cret@127.0.0.1:${port}`, invoices, webhooks, authorizations },
    failNext: (fault) => void faults.add(fault),
    holdNext: () => {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const made = new Promise<ChargedInvoice>((resolve) => {
        holds.push((invoice) => {
          resolve(invoice);
          return released;
        });
      });
      return { made, release: () => release() };
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function invoiceOf(body: Readonly<Record<string, unknown>>): ChargedInvoice {
  return {
    id: randomBytes(12).toString('base64url'),
    msatoshi: String(body['msatoshi']),
    description: String(body['description']),
    rhash: randomBytes(32).toString('hex'),
    payreq: `lnbcrt${randomBytes(8).toString('hex')}`,
    metadata: body['metadata'] as ChargedInvoice['metadata'],
    status: 'unpaid',
  };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
