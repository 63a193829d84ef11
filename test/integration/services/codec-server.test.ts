import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultPayloadConverter } from '@temporalio/common';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../../db/transaction.js';
import type { Role } from '../../../domain/accounts/roles.js';
import { createAccount } from '../../../engine/accounts/accounts.js';
import { dismiss, freezeAccount } from '../../../engine/accounts/staff.js';
import { issueToken } from '../../../engine/accounts/tokens.js';
import { readAudit } from '../../../engine/audit.js';
import { issuerOf } from '../../../services/codec-server/issuer.js';
import { codecServer } from '../../../services/codec-server/server.js';
import { createLogger } from '../../../services/shared/logger.js';
import { migratedDatabase, type OwnDatabase, testPool } from '../../support/empty-database.js';
import { codec, codecOf, decodedIn, encrypted, VALUE, wire } from './codec-payloads.helper.js';

const UI = 'https://temporal.example.org';
const ISSUER = 'https://login.example.org';
const AUDIENCE = 'temporal-ui';

const { privateKey, publicKey } = await generateKeyPair('ES256');

let database: OwnDatabase;
let pool: pg.Pool;
let jwks: Server;
let app: FastifyInstance;
const tokens = new Map<string, string>();

beforeAll(async () => {
  database = await migratedDatabase();
  pool = testPool(database.url, 4);
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: '1', alg: 'ES256' }] };
  jwks = createServer((_, response) => response.end(JSON.stringify(keys)));
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve));
  app = serverWith(30);
  for (const role of ['operator', 'support', 'finance', 'metrics', 'user'] as const) {
    tokens.set(role, await tokenOf(role, role));
  }
});

afterAll(async () => {
  await app.close();
  jwks.close();
  await pool.end();
  await database.drop();
});

function serverWith(badTokensPerMinute: number): FastifyInstance {
  const { port } = jwks.address() as AddressInfo;
  const issuer = issuerOf({
    ...{ env: 'test', codecJwksUrl: `http://127.0.0.1:${port}/jwks` },
    ...{ codecJwtIssuer: ISSUER, codecJwtAudience: AUDIENCE, codecJwtClaim: 'quittance_account' },
  });
  return codecServer({
    ...{ pool, codec, issuer, origins: [UI], badTokensPerMinute, trustedProxies: [] },
    logger: createLogger({ logLevel: 'silent' }, 'test'),
  });
}

function tokenOf(name: string, role: Role): Promise<string> {
  return inTransaction(pool, async (tx) => {
    const { id } = await createAccount(tx, { name, role });
    return issueToken(tx, id, 'test');
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

async function decode(
  authorization: string | undefined,
  {
    payload,
    to = app,
    url = '/decode',
    extras,
  }: { payload?: object; to?: FastifyInstance; url?: string; extras?: string } = {},
): Promise<Answer> {
  const { statusCode, body, headers } = await to.inject({
    ...{ method: 'POST', url, payload: payload ?? (await encrypted()) },
    headers: {
      ...{ origin: UI, 'x-namespace': 'quittance' },
      ...(authorization === undefined ? {} : { authorization }),
      ...(extras === undefined ? {} : { 'authorization-extras': extras }),
    },
  });
  return { status: statusCode, body, headers };
}

async function audited(): Promise<number> {
  return (await readAudit(pool, { limit: 1_000 })).length;
}

function jwt(
  claims: Record<string, unknown>,
  { issuer = ISSUER, audience = AUDIENCE, expires = '5m', key = privateKey } = {},
): Promise<string> {
  const signing = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: '1' });
  return signing.setIssuer(issuer).setAudience(audience).setExpirationTime(expires).sign(key);
}

describe('by a token of ours', () => {
  test.each(['operator', 'support', 'finance'])(
    '%s reads payloads, and is audited',
    async (role) => {
      const before = await audited();
      const answer = await decode(`Bearer ${tokens.get(role) ?? ''}`, { url: '/quittance/decode' });
      expect(answer.status).toBe(200);
      expect(decodedIn(answer)).toEqual(VALUE);
      expect(answer.headers['access-control-allow-origin']).toBe(UI);
      expect(answer.headers['cache-control']).toBe('no-store');
      const [row] = await readAudit(pool, { limit: 1 });
      expect(row).toMatchObject({
        ...{ actor: role, role, via: 'http', act: 'decode payloads', target: 'quittance' },
        ...{ detail: { payloads: 1 }, address: '127.0.0.1' },
      });
      expect(row?.token).toMatch(/^[0-9a-f]{16}$/);
      expect(await audited()).toBe(before + 1);
    },
  );

  test.each([
    ['nobody', undefined, 401, 'auth.required'],
    ['a stranger', `Bearer qt_${'A'.repeat(43)}`, 401, 'auth.invalid_token'],
    ['something that is no token', 'Basic eDp5', 401, 'auth.invalid_token'],
    ['a user', 'user', 403, 'auth.operator_required'],
    ['the monitoring', 'metrics', 403, 'auth.scope_required'],
  ])('%s is refused and shown nothing', async (_, who, status, code) => {
    const before = await audited();
    const authorization = tokens.has(who ?? '') ? `Bearer ${tokens.get(who ?? '') ?? ''}` : who;
    const answer = await decode(authorization);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ code });
    expect(answer.body).not.toContain('payloads');
    expect(await audited()).toBe(before);
  });

  test('a dismissed operator is refused at once', async () => {
    const token = await tokenOf('leaves', 'support');
    expect((await decode(`Bearer ${token}`)).status).toBe(200);
    await inTransaction(pool, (tx) => dismiss(tx, 'leaves'));
    expect((await decode(`Bearer ${token}`)).status).toBe(401);
  });

  test('too many bad tokens of one network are refused before they are looked up', async () => {
    const strict = serverWith(2);
    const bad = `Bearer qt_${'A'.repeat(43)}`;
    for (const status of [401, 401, 429]) {
      expect((await decode(bad, { to: strict })).status).toBe(status);
    }
    await strict.close();
  });
});

describe('by a token of the identity provider', () => {
  test('whose claim names an operator of ours', async () => {
    const answer = await decode(`Bearer ${await jwt({ quittance_account: 'support' })}`);
    expect(decodedIn(answer)).toEqual(VALUE);
    const [row] = await readAudit(pool, { limit: 1 });
    expect(row).toMatchObject({ actor: 'support', role: 'support', token: null });
  });

  test('also as the ID token beside an access token that is no JWT', async () => {
    const extras = await jwt({ quittance_account: 'finance' });
    expect(decodedIn(await decode('Bearer opaque', { extras }))).toEqual(VALUE);
    const refused = await decode('Bearer opaque', { extras: await jwt({ sub: 'finance' }) });
    expect(refused.status).toBe(401);
  });

  test.each<[string, () => Promise<string>, number]>([
    ['a user', () => jwt({ quittance_account: 'user' }), 401],
    ['nobody that we know', () => jwt({ quittance_account: 'nobody' }), 401],
    ['no account', () => jwt({ sub: 'support' }), 401],
    ['a list', () => jwt({ quittance_account: ['support'] }), 401],
    ['the monitoring', () => jwt({ quittance_account: 'metrics' }), 403],
    ['another issuer', () => jwt({ quittance_account: 'support' }, { issuer: 'https://x' }), 401],
    ['another audience', () => jwt({ quittance_account: 'support' }, { audience: 'x' }), 401],
    ['the past', () => jwt({ quittance_account: 'support' }, { expires: '-1m' }), 401],
    [
      'another key',
      async () =>
        jwt({ quittance_account: 'support' }, { key: (await generateKeyPair('ES256')).privateKey }),
      401,
    ],
    [
      'no signature',
      () =>
        Promise.resolve(
          `${b64url({ alg: 'none' })}.${b64url({ quittance_account: 'support', iss: ISSUER, aud: AUDIENCE, exp: 4e9 })}.`,
        ),
      401,
    ],
  ])('of %s is refused', async (_, make, status) => {
    expect((await decode(`Bearer ${await make()}`)).status).toBe(status);
  });

  test('a frozen operator is refused: there is no token to revoke', async () => {
    await tokenOf('cold', 'support');
    const token = `Bearer ${await jwt({ quittance_account: 'cold' })}`;
    expect((await decode(token)).status).toBe(200);
    await inTransaction(pool, (tx) => freezeAccount(tx, 'cold', 'a test'));
    expect((await decode(token)).status).toBe(401);
  });

  test('is configured whole or not at all', () => {
    const half = { env: 'test', codecJwksUrl: 'https://x/jwks', codecJwtClaim: 'a' } as const;
    expect(() => issuerOf({ ...half, codecJwtIssuer: 'x', codecJwtAudience: undefined })).toThrow(
      /needs/,
    );
    const whole = { ...half, codecJwtIssuer: 'x', codecJwtAudience: 'y' };
    const production = { ...whole, env: 'production' } as const;
    expect(() => issuerOf({ ...production, codecJwksUrl: 'http://x/jwks' })).toThrow(/https/);
    expect(issuerOf(production)).toBeDefined();
  });
});

const b64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('pages of', () => {
  const preflight = async (origin: string): Promise<Answer> => {
    const { statusCode, headers, body } = await app.inject({
      ...{ method: 'OPTIONS', url: '/decode' },
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    return { status: statusCode, headers, body };
  };

  test("Temporal's UI may ask", async () => {
    const { status, headers } = await preflight(UI);
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-headers':
        'Authorization, Authorization-Extras, Content-Type, X-Namespace',
    });
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  test('other origins may not', async () => {
    const { status, headers } = await preflight('https://elsewhere.example.org');
    expect(status).toBe(404);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('what is sent', () => {
  const operator = (): string => `Bearer ${tokens.get('operator') ?? ''}`;

  test('in clear comes back as it is', async () => {
    const payload = { payloads: [wire(defaultPayloadConverter.toPayload(VALUE))] };
    expect(decodedIn(await decode(operator(), { payload }))).toEqual(VALUE);
  });

  test.each<[string, () => Promise<object>, number]>([
    ['by another key', () => encrypted(codecOf(`1:${'3c'.repeat(32)}`)), 400],
    ['by a key that is gone', () => encrypted(codecOf(`9:${'2b'.repeat(32)}`)), 400],
    ['as something else', () => Promise.resolve({ payloads: 'x' }), 400],
    ['as no base64', () => Promise.resolve({ payloads: [{ data: '%' }] }), 400],
  ])('encrypted %s is refused, and is no read', async (_, make, status) => {
    const before = await audited();
    expect((await decode(operator(), { payload: await make() })).status).toBe(status);
    expect(await audited()).toBe(before);
  });

  test('to another path, /encode among them, is not found', async () => {
    expect((await decode(operator(), { url: '/encode' })).status).toBe(404);
  });

  test('is not shown while it cannot be audited', async () => {
    await pool.query('alter table audit_log rename to audit_away');
    try {
      const answer = await decode(operator());
      expect(answer.status).toBe(500);
      expect(answer.body).not.toContain('payloads');
    } finally {
      await pool.query('alter table audit_away rename to audit_log');
    }
  });
});
