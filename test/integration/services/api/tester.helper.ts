import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { z } from 'zod';
import { createAccount } from '../../../../engine/accounts/accounts.js';
import { issueToken } from '../../../../engine/accounts/tokens.js';
import { grantCredits } from '../../../../engine/credits/grant.js';
import { inTransaction } from '../../../../db/transaction.js';
import { satsToMsat, toMsat } from '../../../../domain/money.js';
import { describeRefusal, REFUSAL_CODES, type RefusalCode } from '../../../../domain/refusal.js';
import { openedAnswer } from '@quittance/sdk/answers';
import { problemSchema } from '../../../../services/shared/problem.js';
import { type ApiForTests, type ApiForTestsOptions, startApi } from '../../../support/api.js';

export type Headers = Readonly<Record<string, string>>;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';

export interface Asked {
  readonly method: Method;
  readonly url: string;
  readonly headers?: Headers;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Undefined when the text is not JSON. */
  readonly json: unknown;
}

export const POST_ARGS = { title: 'a post to test with' };
export const NEW_POST = { type: 'ITEM_CREATE', args: POST_ARGS };

/** Sends requests to the API in this process, and reads its database. */
export class ApiTester {
  private constructor(readonly api: ApiForTests) {}

  static async start(options: ApiForTestsOptions = {}): Promise<ApiTester> {
    const api = await startApi(options);
    await api.simulator.wallets.open('payer', satsToMsat(10_000_000n));
    return new ApiTester(api);
  }

  close(): Promise<void> {
    return this.api.close();
  }

  get operator(): Headers {
    return { authorization: `Bearer ${this.api.operatorToken}` };
  }

  /** Opens an account; the headers with its token. */
  async account(creditsMsat = 0n, name = `u${randomBytes(6).toString('hex')}`): Promise<Headers> {
    const token = await inTransaction(this.api.pool, async (tx) => {
      const { id } = await createAccount(tx, { name, role: 'user' });
      if (creditsMsat > 0n) {
        await grantCredits(tx, { accountId: id, amountMsat: toMsat(creditsMsat), key: id });
      }
      return issueToken(tx, id, 'test');
    });
    return { authorization: `Bearer ${token}` };
  }

  ask(asked: Asked): Promise<Answered> {
    return askApp(this.api.app, asked);
  }

  get(url: string, headers: Headers = {}): Promise<Answered> {
    return this.ask({ method: 'GET', url, headers });
  }

  post(url: string, body: unknown, headers: Headers = {}): Promise<Answered> {
    return this.ask({ method: 'POST', url, headers, body });
  }

  /** Opens an action, expecting 201. */
  async open(headers: Headers, body: object = NEW_POST): Promise<z.output<typeof openedAnswer>> {
    const answer = await this.post('/v1/actions', body, headers);
    expect(answer.status, answer.text).toBe(201);
    return openedAnswer.parse(answer.json);
  }

  /** Opens a paid, visible post; its id. */
  async paidPost(): Promise<string> {
    const { result } = await this.open(await this.account(1_000n));
    return z.object({ itemId: z.string() }).parse(result).itemId;
  }

  /** A failed action of the caller: opened and cancelled. */
  async failed(headers: Headers): Promise<z.output<typeof openedAnswer>> {
    const action = await this.open(headers, { ...NEW_POST, payment: 'invoice' });
    const proof = action.capability && { 'quittance-capability': action.capability };
    const url = `/v1/actions/${action.id}/cancel`;
    const cancelled = await this.post(url, {}, { ...headers, ...proof });
    expect(cancelled.status, cancelled.text).toBe(200);
    return {
      ...openedAnswer.parse(cancelled.json),
      ...(proof && { capability: action.capability }),
    };
  }

  /** Sends a request, expecting this refusal and no changed row in the database. */
  async refuses(asked: Asked, code: RefusalCode): Promise<z.output<typeof problemSchema>> {
    const [problem] = await this.refusesAll([[asked, code]]);
    if (problem === undefined) throw new Error('nothing was asked');
    return problem;
  }

  /** The same of many requests, one after the other: the database is looked at before and after all of them. */
  async refusesAll(
    all: readonly (readonly [Asked, RefusalCode])[],
  ): Promise<z.output<typeof problemSchema>[]> {
    const before = await this.fingerprint();
    const problems: z.output<typeof problemSchema>[] = [];
    for (const [asked, code] of all) {
      const answer = await this.ask(asked);
      const problem = problemIn(answer);
      expect(problem.code, answer.text).toBe(code);
      expect(answer.status).toBe(describeRefusal(code)[0]);
      problems.push(problem);
    }
    expect(await this.fingerprint()).toEqual(before);
    return problems;
  }

  /** For each of our tables: the number of rows and a hash of their content. */
  async fingerprint(): Promise<Readonly<Record<string, string>>> {
    const { pool } = this.api;
    const { rows } = await pool.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'
         -- That somebody asked is kept, whatever was answered.
         and table_name not in ('audit_log', 'audit_head', 'token_uses') order by 1`,
    );
    const prints = rows.map(async ({ name }) => {
      const { rows: found } = await pool.query<{ print: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as print
         from "${name}" t`,
      );
      return [name, found[0]?.print ?? ''] as const;
    });
    return Object.fromEntries(await Promise.all(prints));
  }

  async count(from: string, values: readonly unknown[] = []): Promise<number> {
    const sql = `select count(*)::int as n from ${from}`;
    const { rows } = await this.api.pool.query<{ n: number }>(sql, [...values]);
    return rows[0]?.n ?? 0;
  }
}

export async function askApp(
  app: FastifyInstance,
  { method, url, headers = {}, body }: Asked,
): Promise<Answered> {
  const response = await app.inject({
    method,
    url,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined
      ? {}
      : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.payload,
    json: jsonIn(response.payload),
  };
}

/** Parses the answer as a complete problem of the right media type. */
export function problemIn({
  headers,
  status,
  json,
  text,
}: Answered): z.output<typeof problemSchema> {
  expect(headers['content-type'], text).toBe('application/problem+json; charset=utf-8');
  const problem = problemSchema.strict().parse(json);
  expect(problem.status).toBe(status);
  expect(problem.type).toBe(`urn:quittance:problem:${problem.code}`);
  expect(problem.instance).toBe(headers['x-request-id']);
  expect(REFUSAL_CODES).toContain(problem.code);
  return problem;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
