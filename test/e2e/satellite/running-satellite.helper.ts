import { execFile } from 'node:child_process';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { packageRoot } from '../../../db/package-root.js';
import { newPort } from '../../../services/shared/free-port.js';
import { type FakeCharge, startCharge } from '../../support/charge.js';
import { temporaryDataFolder } from '../../support/shared-servers.js';
import { ADDRESSES, RunningUp } from '../running-up.helper.js';

export type Fields = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json(): unknown;
}

export interface Opened {
  readonly uuid: string;
  readonly auth_token: string;
  readonly lightning_invoice: {
    readonly id: string;
    readonly msatoshi: string;
    readonly payreq: string;
    readonly status: string;
    readonly metadata: { readonly uuid: string; readonly sha256_message_digest: string };
  };
}

/** What GET /admin/order/UUID answers, as far as tests look at it. */
export interface Order {
  readonly uuid: string;
  readonly status: string;
  readonly bid: number;
  readonly unpaid_bid: number;
  readonly bid_per_byte: number;
  readonly message_size: number;
  readonly tx_seq_num: number | null;
  readonly created_at: string;
  readonly cancelled_at: string | null;
  readonly started_transmission_at: string | null;
  readonly ended_transmission_at: string | null;
  readonly regions: readonly number[];
  readonly channel: number;
  readonly tx_confirmations: readonly number[];
  readonly rx_confirmations: readonly number[];
  readonly retransmission: {
    readonly last_attempt: string | null;
    readonly retry_count: number;
    readonly region_code: number;
  } | null;
}

const SECRET = 'mySecretToken';

/** `quittance satellite` as somebody starts it who has the peer's environment, with a gateway beside it. Everything goes over HTTP. */
export class RunningSatellite {
  private constructor(
    readonly base: string,
    readonly charge: FakeCharge,
    private readonly run: RunningUp,
    private readonly dataDir: string,
    private readonly remove: () => Promise<void>,
  ) {}

  static async start(
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RunningSatellite> {
    const { dataDir, remove } = await temporaryDataFolder(() => undefined);
    const charge = await startCharge();
    const listen = `127.0.0.1:${await newPort('127.0.0.1')}`;
    const run = new RunningUp(dataDir, {
      command: 'satellite',
      options: ['--fresh'],
      env: {
        ...{ ENV: 'test', CHARGE_ROOT: charge.root, CHARGE_API_TOKEN: SECRET },
        ...{ SATELLITE_LISTEN: listen, CALLBACK_URI_ROOT: `http://${listen}`, ...environment },
      },
    });
    const running = new RunningSatellite(`http://${listen}`, charge, run, dataDir, remove);
    try {
      await run.prints('It runs until Ctrl-C');
      return running;
    } catch (error) {
      await running.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.run.kill('SIGINT');
    await this.run.ended();
    await Promise.all([this.charge.close(), this.remove()]);
  }

  /** Its command, in another process. */
  async reset(): Promise<string> {
    const script = join(packageRoot(), 'dist/services/cli/main.js');
    const inherited = Object.entries(process.env).filter(([name]) => !ADDRESSES.includes(name));
    const own = { QUITTANCE_DATA_DIR: this.dataDir, ENV: 'test' };
    const env = { ...Object.fromEntries(inherited), ...own };
    const args = [script, 'dev', 'reset', '--satellite'];
    return (await promisify(execFile)(process.execPath, args, { env })).stdout;
  }

  async send(path: string, init: RequestInit = {}): Promise<Answer> {
    const answer = await fetch(`${this.base}${path}`, init);
    const text = await answer.text();
    const json = (): unknown => JSON.parse(text);
    return { status: answer.status, headers: answer.headers, text, json };
  }

  get(path: string, token?: string): Promise<Answer> {
    return this.send(path, token === undefined ? {} : { headers: { 'X-Auth-Token': token } });
  }

  delete(path: string, token: string): Promise<Answer> {
    return this.send(path, { method: 'DELETE', headers: { 'X-Auth-Token': token } });
  }

  form(path: string, fields: Fields, headers: Fields = {}): Promise<Answer> {
    return this.send(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  /** As HTTP libraries send a file: its part has a name and a type. */
  upload(fields: Fields, file: Uint8Array<ArrayBuffer> | string, path = '/order'): Promise<Answer> {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set('file', new Blob([file], { type: 'application/octet-stream' }), 'testfile');
    return this.send(path, { method: 'POST', body });
  }

  async open(fields: Fields = {}, path = '/order'): Promise<Opened> {
    const answer = await this.form(path, { bid: '1000', message: 'hello', ...fields });
    expect(answer.status, answer.text).toBe(200);
    return answer.json() as Opened;
  }

  /** What the gateway does when an invoice is paid. */
  callBack({ id }: { readonly id: string }): Promise<Answer> {
    const url = new URL(this.charge.webhooks.get(id) ?? 'missing:');
    return this.send(url.pathname, { method: 'POST' });
  }

  async pay({ lightning_invoice: invoice }: Opened): Promise<void> {
    const answer = await this.callBack(invoice);
    expect([answer.status, answer.json()]).toEqual([
      200,
      { message: `invoice ${invoice.id} paid` },
    ]);
  }

  async openPaid(fields: Fields = {}): Promise<Opened> {
    const opened = await this.open(fields);
    await this.pay(opened);
    return opened;
  }

  async order({ uuid, auth_token: token }: Opened): Promise<Order> {
    const answer = await this.get(`/admin/order/${uuid}`, token);
    expect(answer.status, answer.text).toBe(200);
    return answer.json() as Order;
  }

  async status(opened: Opened): Promise<string> {
    return (await this.order(opened)).status;
  }

  async confirmTx(seq: number | null, regions: readonly number[]): Promise<void> {
    const text = JSON.stringify(regions);
    const answer = await this.form(`/order/tx/${seq}`, { regions: text });
    expect([answer.status, answer.json()]).toEqual([
      200,
      { message: `transmission confirmed for regions ${text}` },
    ]);
  }

  async confirmRx(seq: number | null, region: number): Promise<void> {
    const answer = await this.form(`/order/rx/${seq}`, { region: String(region) });
    expect([answer.status, answer.json()]).toEqual([
      200,
      { message: `reception confirmed for region ${region}` },
    ]);
  }

  /** Ids in a queue, in its order. */
  async queue(path: string): Promise<string[]> {
    const answer = await this.get(path);
    expect(answer.status, answer.text).toBe(200);
    return (answer.json() as Order[]).map(({ uuid }) => uuid);
  }

  /** An event stream; `text` is all that it has sent so far. */
  async subscribe(path: string): Promise<{ text: () => string; close: () => void }> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${this.base}${path}`, resolve).once('error', reject);
    });
    expect(response.statusCode).toBe(200);
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('error', () => undefined);
    return { text: () => text, close: () => response.destroy() };
  }
}

export async function refused(
  answer: Promise<Answer>,
  status: number,
  code: number,
): Promise<void> {
  const { status: found, text, headers } = await answer;
  const { message, errors } = JSON.parse(text) as {
    message: string;
    errors: { title: string; code: number }[];
  };
  expect([found, errors.length, errors[0]?.code, errors[0]?.title]).toEqual([
    ...[status, 1, code, message],
  ]);
  expect(headers.get('content-type')).toBe('application/json');
  expect(text.endsWith('\n')).toBe(true);
}

export async function refusedFields(answer: Promise<Answer>, body: unknown): Promise<void> {
  const { status, text } = await answer;
  expect([status, JSON.parse(text)]).toEqual([400, body]);
}

export const ALL = [0, 1, 2, 3, 4, 5];
