import fastify, { type FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import type { EngineContext } from '../../../../../engine/context.js';
import {
  type SatelliteDeps,
  satellitePlugin,
} from '../../../../../services/api/satellite/plugin.js';
import type { SatelliteSettings } from '../../../../../services/api/satellite/settings.js';
import {
  type Fixture,
  orderFixture,
  rowsOf,
  reportSettled,
} from '../../../engine/transmissions/fixture.helper.js';

export type Fields = Record<string, string>;
export type Answer = Awaited<ReturnType<FastifyInstance['inject']>>;

export interface Opened {
  readonly uuid: string;
  readonly auth_token: string;
  readonly lightning_invoice: Readonly<Record<string, string>>;
}

export interface Satellite {
  readonly fixture: Fixture;
  readonly app: FastifyInstance;
  /** POST, urlencoded; default address: /order. */
  post(fields: Fields, url?: string): Promise<Answer>;
  /** POST /order as the real client sends it: multipart, the file first and named "file". */
  upload(fields: Fields, file?: Buffer): Promise<Answer>;
  open(fields?: Fields): Promise<Opened>;
  settle(opened: Opened): Promise<void>;
  close(): Promise<void>;
}

export interface SatelliteOptions extends Partial<Omit<SatelliteDeps, 'engine' | 'reads'>> {
  readonly engine?: Partial<EngineContext>;
}

/** Open to everybody, as in development. */
export const OPEN: SatelliteSettings = {
  secret: 'mySecretToken',
  orderSecrets: ['mySecretToken'],
  development: true,
  forcePayment: false,
  guard: { open: true },
};

export async function satelliteApi(options: SatelliteOptions = {}): Promise<Satellite> {
  const { engine, ...deps } = options;
  const fixture = await orderFixture(engine);
  const app = fastify();
  await app.register(
    satellitePlugin({ engine: fixture.engine, reads: fixture.pool, satellite: OPEN, ...deps }),
  );
  await app.ready();
  const send = (type: string, payload: string | Buffer, url = '/order'): Promise<Answer> =>
    app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });
  const post = (fields: Fields, url?: string): Promise<Answer> =>
    send('application/x-www-form-urlencoded', new URLSearchParams(fields).toString(), url);
  return {
    fixture,
    app,
    post,
    upload: (fields, file) =>
      send(`multipart/form-data; boundary=${BOUNDARY}`, multipart(fields, file)),
    open: async (fields = { bid: '1000', message: 'hello' }) => {
      const answer = await post(fields);
      expect(answer.statusCode).toBe(200);
      return answer.json<Opened>();
    },
    settle: async ({ lightning_invoice }) => {
      const invoice = fixture.node.invoices.get(lightning_invoice['rhash'] ?? '');
      if (invoice === undefined) throw new Error('no such invoice');
      await reportSettled(fixture, { invoice });
    },
    close: async () => {
      await app.close();
      await fixture.close();
    },
  };
}

const BOUNDARY = '----boundary';

function multipart(fields: Fields, file?: Buffer): Buffer {
  const part = (disposition: string, content: Buffer): Buffer[] => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    content,
    Buffer.from('\r\n'),
  ];
  return Buffer.concat([
    ...(file === undefined ? [] : part('name="file"; filename="file"', file)),
    ...Object.entries(fields).flatMap(([name, value]) =>
      part(`name="${name}"`, Buffer.from(value)),
    ),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
}

/** The body of a coded error. */
export function coded(code: number, title: string, detail: string): unknown {
  return { message: title, errors: [{ title, detail, code }] };
}

/** All rows that a request may write. */
function contents({ fixture }: Satellite): Promise<unknown> {
  return rowsOf(
    fixture,
    `select (select count(*) from orders) as orders, (select count(*) from invoices) as invoices,
      (select count(*) from order_messages) as messages, (select count(*) from outbox) as outbox,
      (select count(*) from transitions) as transitions, (select count(*) from entries) as entries`,
  );
}

export async function refusedUnchanged(
  api: Satellite,
  request: () => Promise<Answer>,
  status: number,
  body: unknown,
): Promise<void> {
  const before = await contents(api);
  const answer = await request();
  expect(answer.json()).toEqual(body);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.body.endsWith('\n')).toBe(true);
  expect(await contents(api)).toEqual(before);
}
