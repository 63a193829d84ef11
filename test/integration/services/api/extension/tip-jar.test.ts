import { rm } from 'node:fs/promises';
import { actionAnswer, openedAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { grantRoles } from '../../../../../db/roles.js';
import { NODE_CALLS, type NodeCallKind } from '../../../../../domain/invoices/node-calls.js';
import { toMsat } from '../../../../../domain/money.js';
import { extensionChecks } from '../../../../../engine/extensions/registered.js';
import { makeCall } from '../../../../../engine/incoming/make-call.js';
import { runChecks } from '../../../../../services/cli/doctor/run-checks.js';
import { loadExtensions, migrateAll } from '../../../../../services/shared/extensions.js';
import type { OwnDatabase } from '../../../../support/empty-database.js';
import { migratedDatabase } from '../../../../support/empty-database.js';
import { brokenRules } from '../../../../support/books.js';
import { operationsModule } from '../../../../../services/cli/sdk-types/operations-module.js';
import { pay } from '../paying.helper.js';
import { ApiTester, type Headers, problemIn } from '../tester.helper.js';
import { packageFromDocs } from './from-docs.helper.js';

let database: OwnDatabase;
let tester: ApiTester;
let folder: string;
let module: string;
let applied: string[];

beforeAll(async () => {
  ({ folder, module } = await packageFromDocs());
  await loadExtensions([module]);
  database = await migratedDatabase();
  applied = await migrateAll({ connectionString: database.url });
  tester = await ApiTester.start({
    databaseUrl: database.url,
    wallets: {
      mint: ({ address }, { amountMsat, expirySeconds, memo }) =>
        tester.api.simulator.wallets.createInvoice(address, { amountMsat, expirySeconds, memo }),
    },
  });
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  expect(await brokenChecks()).toEqual([]);
  await tester.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function brokenChecks(): Promise<string[]> {
  const settings = { outboxKeepHours: 24, graceSeconds: 60 };
  const findings = await runChecks(tester.api.pool, extensionChecks(), settings);
  expect(findings.length).toBe(2);
  return findings.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check);
}

const kinds = z.enum(Object.keys(NODE_CALLS) as [NodeCallKind, ...NodeCallKind[]]);

/** What relays would do: the calls to the node that wait. */
async function makeCalls(): Promise<void> {
  const { engine, pool } = tester.api;
  for (let round = 0; round < 10; round += 1) {
    const { rows } = await pool.query<{ kind: string; subject: string }>(
      `select kind, subject from outbox where destination = 'node' and published_at is null order by priority, id`,
    );
    if (rows.length === 0) return;
    for (const { kind, subject } of rows) {
      await makeCall(engine, kinds.parse(kind), subject).catch(() => undefined);
    }
  }
}

let names = 0;
async function jar(wallet?: string): Promise<string> {
  names += 1;
  const name = `jar${names}`;
  const owner = await tester.account(0n, name);
  if (wallet === undefined) return name;
  await tester.api.simulator.wallets.open(wallet, toMsat(0n));
  const body = { kind: 'simulator', address: wallet };
  const put = await tester.ask({ method: 'PUT', url: '/v1/wallets', headers: owner, body });
  expect(put.status).toBe(200);
  return name;
}

const tip = (to: string, payment = 'auto', sats = 100) => ({
  ...{ type: 'TIP_JAR', args: { to, sats }, payment },
});
const read = async (id: string, headers: Headers) =>
  actionAnswer.parse((await tester.get(`/v1/actions/${id}`, headers)).json);
const total = async (name: string): Promise<string | undefined> => {
  const { rows } = await tester.api.pool.query<{ total: string }>(
    `select total_msat::text as total from ext_tip_jar.jars j join accounts a on a.id = j.payee where a.name = $1`,
    [name],
  );
  return rows[0]?.total;
};

describe('a type from outside', () => {
  it('brings migrations of its own, numbered on their own, and they are applied once', async () => {
    expect(applied).toEqual(['ext_tip_jar/0001_tips']);
    expect(await migrateAll({ connectionString: database.url })).toEqual([]);
    const { rows } = await tester.api.pool.query(
      `select table_schema || '.' || table_name as name from information_schema.tables
       where table_name in ('tips', 'jars') order by 1`,
    );
    expect(rows).toEqual([{ name: 'ext_tip_jar.jars' }, { name: 'ext_tip_jar.tips' }]);
  });

  it('the runtime role may use its tables', async () => {
    await grantRoles(database.url);
    const { rows } = await tester.api.pool.query(
      `select has_table_privilege('quittance_runtime', 'ext_tip_jar.tips', 'insert') as may,
         has_table_privilege('quittance_runtime', 'ext_tip_jar.schema_migrations', 'insert') as migrates`,
    );
    expect(rows).toEqual([{ may: true, migrates: false }]);
  });

  it('is paid by credits at once', async () => {
    const to = await jar();
    const payer = await tester.account(200_000n);
    const action = await tester.open(payer, tip(to));
    expect(action).toMatchObject({ state: 'PAID', attempts: [{ flow: 'credits' }] });
    expect(action.result['tipId']).toMatch(/^\d+$/);
    expect(await total(to)).toBe('100000');
  });

  it('is performed first and paid by invoice', async () => {
    const to = await jar();
    const payer = await tester.account();
    const action = await tester.open(payer, tip(to, 'invoice'));
    expect(action).toMatchObject({ state: 'PENDING', attempts: [{ flow: 'optimistic' }] });
    expect(await total(to)).toBeUndefined();
    await pay(tester, action.attempts[0]?.invoice?.bolt11);
    expect(await read(action.id, payer)).toMatchObject({ state: 'PAID' });
    expect(await total(to)).toBe('100000');
  });

  it('without an account, it is performed once its payment is held', async () => {
    const to = await jar();
    const action = await tester.open({}, tip(to));
    expect(action).toMatchObject({ state: 'PENDING_HELD', attempts: [{ flow: 'pessimistic' }] });
    await pay(tester, action.attempts[0]?.invoice?.bolt11);
    await makeCalls();
    const proof = { 'quittance-capability': action.capability ?? '' };
    expect(await read(action.id, proof)).toMatchObject({ state: 'PAID' });
    expect(await total(to)).toBe('100000');
  });

  it('is forwarded to the payee’s own wallet', async () => {
    const to = await jar('tip-wallet');
    const payer = await tester.account();
    const action = await tester.open(payer, tip(to, 'invoice'));
    expect(action).toMatchObject({ state: 'PENDING_HELD', attempts: [{ flow: 'wrapped' }] });
    await pay(tester, action.attempts[0]?.invoice?.bolt11);
    await makeCalls();
    await makeCalls();
    expect(await read(action.id, payer)).toMatchObject({ state: 'PAID' });
    expect(await total(to)).toBe('100000');
  });

  it('fails, is undone, and is tried again', async () => {
    const to = await jar();
    const payer = await tester.account();
    const action = await tester.open(payer, tip(to, 'invoice'));
    const cancel = await tester.post(`/v1/actions/${action.id}/cancel`, {}, payer);
    expect(actionAnswer.parse(cancel.json)).toMatchObject({ state: 'FAILED', retryable: true });
    expect(await tester.count(`ext_tip_jar.tips where state = 'FAILED'`)).toBe(1);
    const body = { attempt: 1, payment: 'invoice' };
    const retried = await tester.post(`/v1/actions/${action.id}/retry`, body, payer);
    const again = actionAnswer.parse(retried.json);
    expect(again).toMatchObject({ state: 'PENDING', attempts: [{}, { attempt: 2 }] });
    await pay(tester, again.attempts[1]?.invoice?.bolt11);
    expect(await read(action.id, payer)).toMatchObject({ state: 'PAID' });
    expect(await tester.count(`ext_tip_jar.tips where state = 'FAILED'`)).toBe(0);
    expect(await total(to)).toBe('100000');
  });

  it('refuses with codes of its own, and nothing has changed', async () => {
    const name = await jar();
    const payer = await tester.account(500_000n, `${name}-payer`);
    const own = await tester.refuses(
      { method: 'POST', url: '/v1/actions', headers: payer, body: tip(`${name}-payer`) },
      'tip_jar/own',
    );
    expect(own).toMatchObject({ status: 409, title: 'The jar is your own' });
    const none = await tester.post('/v1/actions', tip('nobody-at-all'), payer);
    expect(problemIn(none)).toMatchObject({ code: 'tip_jar/no_jar', status: 404 });
    const bad = await tester.post('/v1/actions', { ...tip(name), args: { to: name } }, payer);
    expect(problemIn(bad)).toMatchObject({ code: 'action.invalid_args' });
  });

  it('is in OpenAPI, with its arguments and refusals, and in the client’s types', async () => {
    const { json, text } = await tester.get('/openapi.json');
    expect(text).toContain('#/components/schemas/Args_of_TIP_JAR');
    expect(text.match(/`tip_jar\/own`: The jar is your own/g)?.length).toBe(2);
    expect(operationsModule(json)).toMatch(/TIP_JAR: ArgsofTIPJARJson/);
    expect(operationsModule(json)).toMatch(
      /type ArgsofTIPJARJson = \{ "to": string; "sats": number; \}/,
    );
  });

  it('the doctor finds what a corrupted table shows', async () => {
    const { pool } = tester.api;
    await pool.query(`update ext_tip_jar.jars set total_msat = total_msat + 1`);
    expect(await brokenChecks()).toEqual(['tip_jar: a jar has the sum of its paid tips']);
    await pool.query(`update ext_tip_jar.jars set total_msat = total_msat - 1`);
    await pool.query(
      `update ext_tip_jar.tips set state = 'PENDING' where id = (select min(id) from ext_tip_jar.tips where state = 'PAID')`,
    );
    expect(await brokenChecks()).toContain(
      'rows of ext_tip_jar.tips are PAID exactly where their action is',
    );
    await pool.query(`update ext_tip_jar.tips set state = 'PAID' where state = 'PENDING'`);
  });
});

describe('an extension that is wrong', () => {
  it.each([
    ['/nowhere/index.mjs', /Cannot find/],
    ['no-such-package-anywhere', /Cannot find/],
  ])('%s is named', async (name, why) => {
    await expect(loadExtensions([name])).rejects.toThrow(why);
    await expect(loadExtensions([name])).rejects.toThrow(name);
  });
});

it('an answer has what its schema says', async () => {
  const payer = await tester.account(500_000n);
  const answer = await tester.post('/v1/actions', tip(await jar()), payer);
  expect(openedAnswer.strict().safeParse(answer.json).success).toBe(true);
});
