import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiTester } from '../tester.helper.js';
import { RawConnection } from './socket.helper.js';

const ERROR = 50;
const errors: string[] = [];
let tester: ApiTester;

beforeAll(async () => {
  const write = (line: string): void => void errors.push(line);
  tester = await ApiTester.start({ logger: pino({ level: 'error' }, { write }) });
});
afterAll(async () => {
  expect(errors, `lines of level ${ERROR}`).toEqual([]);
  await tester.close();
});

interface Order {
  readonly uuid: string;
  readonly regions: number;
  readonly channel: number;
  readonly body: Buffer | null;
}

async function send(type: string, body: string | Buffer) {
  const answer = await tester.api.app.inject({
    method: 'POST',
    url: '/order',
    headers: { 'content-type': type },
    payload: body,
  });
  return { status: answer.statusCode, json: answer.json<Record<string, unknown>>() };
}

const FORM = 'multipart/form-data; boundary=xx';
const part = (name: string, value: string, type?: string): string =>
  `--xx\r\nContent-Disposition: form-data; name="${name}"\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n${value}\r\n`;
const END = '--xx--\r\n';
const urlencoded = (body: string) => send('application/x-www-form-urlencoded', body);

async function orderOf(uuid: unknown): Promise<Order | undefined> {
  const { rows } = await tester.api.pool.query<Order>(
    `select o.id as uuid, o.regions, o.channel, m.body from orders o
     left join order_messages m on m.order_id = o.id where o.id = $1`,
    [uuid],
  );
  return rows[0];
}

/** Sends a form that is refused and stores nothing. */
async function refused(type: string, body: string | Buffer, code: number): Promise<void> {
  const before = await tester.count('orders');
  const { status, json } = await send(type, body);
  expect(status, JSON.stringify(json)).toBe(400);
  expect(json).toMatchObject({ errors: [{ code }] });
  expect(await tester.count('orders')).toBe(before);
}

describe('a multipart form', () => {
  it('has text in parts of any type', async () => {
    const json = 'application/json';
    const { status, json: opened } = await send(
      FORM,
      part('regions', '[0,1]', json) +
        part('bid', '5000', json) +
        part('message', 'hi', json) +
        part('channel', '1', 'application/octet-stream') +
        END,
    );
    expect(status).toBe(200);
    expect(await orderOf(opened['uuid'])).toMatchObject({ regions: 3, channel: 1 });
    expect((await orderOf(opened['uuid']))?.body?.toString()).toBe('hi');
    const unknown = await send(FORM, part('foo', '1', json) + END);
    expect(unknown).toEqual({ status: 400, json: { foo: ['Unknown field.'] } });
    const channel = await send(FORM, part('channel', '3', json) + part('message', 'x') + END);
    expect(channel.status).toBe(401);
  });

  it('takes the token of DELETE in a part of any type', async () => {
    const { json } = await urlencoded('bid=4000&message=x');
    const answer = await tester.api.app.inject({
      method: 'DELETE',
      url: `/order/${String(json['uuid'])}`,
      headers: { 'content-type': FORM },
      payload: part('auth_token', String(json['auth_token']), 'application/json') + END,
    });
    expect(answer.json()).toEqual({ message: 'order cancelled' });
  });

  const whole = part('bid', '5000') + part('message', 'hello');
  it.each<[string, string, string]>([
    ['has no boundary', 'multipart/form-data', whole + END],
    ['has no closing boundary', FORM, whole],
    ['has bare line feeds', FORM, (whole + END).replaceAll('\r\n', '\n')],
    ['is cut in a value', FORM, whole.slice(0, -4)],
    ['is cut in a head', FORM, '--xx\r\nContent-Disposition: form-da'],
    [
      'has a boundary of 7,000 characters',
      `multipart/form-data; boundary=${'b'.repeat(7_000)}`,
      whole,
    ],
    [
      'has a part without a name',
      FORM,
      `--xx\r\nContent-Disposition: form-data\r\n\r\nx\r\n${END}`,
    ],
    ['is empty', FORM, ''],
  ])('that %s is refused', (_what, type, body) => refused(type, body, 126));

  it('with 21 fields or 6 files is refused for what is wrong with it, or taken', async () => {
    const names = Array.from({ length: 21 }, (_, n) => `f${n}`);
    const many = await send(FORM, names.map((name) => part(name, '1')).join('') + END);
    expect(many.status).toBe(400);
    expect(Object.keys(many.json)).toEqual(names);
    const file = (n: number): string =>
      `--xx\r\nContent-Disposition: form-data; name="file"; filename="${n}"\r\n\r\n${n}\r\n`;
    const files = [0, 1, 2, 3, 4, 5].map(file).join('');
    const { status, json } = await send(FORM, part('bid', '5000') + files + END);
    expect(status).toBe(200);
    expect((await orderOf(json['uuid']))?.body?.toString()).toBe('0');
  });
});

describe('an urlencoded form', () => {
  it.each<[string, string]>([
    ['caf%E9', '636166efbfbd'],
    ['100%25+%zz', Buffer.from('100% %zz').toString('hex')],
    ['%', '25'],
    ['a%00b', '610062'],
  ])('replaces only what is no text: %s', async (message, hex) => {
    const { json } = await urlencoded(`bid=4000&message=${message}`);
    expect((await orderOf(json['uuid']))?.body?.toString('hex')).toBe(hex);
  });

  it('has no field __proto__', async () => {
    const answer = await urlencoded('bid=4000&message=x&__proto__=1');
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.json)).toBe('{"__proto__":["Unknown field."]}');
  });

  it('shows a bid beyond what a JSON number holds as it is', async () => {
    const { json } = await urlencoded('bid=9007199254740991&message=x');
    const url = `/order/${String(json['uuid'])}?auth_token=${String(json['auth_token'])}`;
    await tester.api.pool.query(
      'update orders set unpaid_bid_msat = 9007199254740993 where id = $1',
      [json['uuid']],
    );
    const { text } = await tester.get(url);
    expect(text).toContain('"unpaid_bid": 9007199254740993,');
  });
});

describe('a body without end', () => {
  const CHUNK = Buffer.alloc(64 * 1024, 'x');
  const CHUNKS = 1024;
  /** The limit of the body, what is read after it, and what the sockets hold. */
  const MOST_BYTES = 16 * 1024 * 1024;
  const chunked = (method: string, path: string, type: string): string =>
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const framed = Buffer.concat([
    Buffer.from(`${CHUNK.length.toString(16)}\r\n`),
    CHUNK,
    Buffer.from('\r\n'),
  ]);
  const FILE = '--xx\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n';
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

  it.each<[string, string, string]>([
    ['the form of a GET', chunked('GET', '/order/x', 'application/x-www-form-urlencoded'), ''],
    ['a preamble', chunked('POST', '/order', FORM), ''],
    ['an epilogue', chunked('POST', '/order', FORM), chunk(`${part('bid', '1')}${END}`)],
    ['a field', chunked('POST', '/order', FORM), chunk(part('bid', '1').slice(0, -3))],
    ['a file', chunked('POST', '/order', FORM), chunk(FILE)],
    ['a body of another type', chunked('POST', '/order', 'text/plain'), ''],
    ['a body of /v1', chunked('POST', '/v1/actions', 'application/json'), ''],
  ])('is refused at the limit, and others are served: %s', async (_what, head, first) => {
    const connection = new RawConnection(tester.api.url);
    connection.send(head + first);
    const { text, sentBytes } = await connection.flood(framed, CHUNKS);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(sentBytes).toBeLessThan(MOST_BYTES);
    expect((await tester.get('/v1/items')).status).toBe(200);
  });
});
