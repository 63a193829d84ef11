import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runInThisContext } from 'node:vm';
import * as temporal from '@temporalio/client';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { transact } from '../../../../engine/context.js';
import { applyInvoiceUpdate } from '../../../../engine/incoming/apply-invoice-update.js';
import * as client from '@quittance/sdk';
import { type RunningWorker, startActionWorker } from './action-worker.helper.js';
import { ApiTester } from '../api/tester.helper.js';

const PAGE = new URL('../../../../docs/clients.md', import.meta.url);
const MODULES: Readonly<Record<string, unknown>> = {
  '@quittance/sdk': client,
  '@temporalio/client': temporal,
  'node:crypto': { randomUUID },
};

interface Snippet {
  readonly heading: string;
  readonly language: string;
  readonly code: string;
}

let tester: ApiTester;
let worker: RunningWorker;
let token: string;
let snippets: readonly Snippet[];

beforeAll(async () => {
  tester = await ApiTester.start();
  token = (await tester.account(50_000n, 'alice'))['authorization']?.slice('Bearer '.length) ?? '';
  worker = await startActionWorker(tester.api.engine);
  snippets = snippetsOf(await readFile(PAGE, 'utf8'));
});
afterAll(async () => {
  await worker.stop();
  await tester.close();
});

function snippetsOf(page: string): Snippet[] {
  return page.split(/^## /m).flatMap((section) => {
    const [heading = ''] = section.split('\n', 1);
    return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => {
      return { heading, language, code };
    });
  });
}

/** Pays from a wallet, and does what the relay would: applies the invoice update and wakes the workflow. */
async function pay(bolt11: string): Promise<void> {
  const { engine, simulator } = tester.api;
  const { hash } = await simulator.wallets.pay('payer', bolt11);
  const invoice = await engine.node.lookupInvoice(hash);
  if (invoice === undefined || invoice.state === 'open') throw new Error('it is not paid');
  const { state, receivedMsat } = invoice;
  await transact(engine, (tx) =>
    applyInvoiceUpdate(engine, tx, { hash, state, receivedMsat }, 'other'),
  );
  const { rows } = await engine.pool.query<{ subject: string }>(
    `select distinct subject from outbox where kind = 'wake'`,
  );
  for (const { subject } of rows) await worker.wake(subject);
}

/** Runs a snippet as a module would run, with what the page says is given; what it printed. */
async function run({ code }: Snippet): Promise<unknown[][]> {
  const printed: unknown[][] = [];
  const given = {
    apiUrl: tester.api.url,
    token,
    temporalAddress: process.env['TEMPORAL_ADDRESS'],
    pay,
    console: { log: (...values: unknown[]) => void printed.push(values) },
    modules: MODULES,
  };
  const body = code.replaceAll(/^import (.*) from '(.*)';$/gm, `const $1 = modules['$2'];`);
  const wrapped = `(async ({ ${Object.keys(given).join(', ')} }) => {\n${body}\n})`;
  const { outputText } = ts.transpileModule(wrapped, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const compiled: unknown = runInThisContext(outputText);
  await z
    .custom<(arg: typeof given) => Promise<void>>((f) => typeof f === 'function')
    .parse(compiled)(given);
  return printed;
}

async function runUnder(heading: string): Promise<unknown[][]> {
  const found = snippets.filter((one) => one.heading === heading && one.language === 'ts');
  expect(found).toHaveLength(1);
  return (await Promise.all(found.map(run))).flat();
}

describe('the page for clients', () => {
  it('has no snippet that is not run here', () => {
    expect(snippets.map(({ heading, language }) => `${language} ${heading}`)).toEqual([
      'ts The typed client',
      'ts Refusals',
      'ts The same request again',
      'ts Without an account',
      'ts Plain HTTP',
      'json Starting the workflow in Temporal',
      'ts Starting the workflow in Temporal',
    ]);
  });

  it('opens, pays and waits', async () => {
    expect(await runUnder('The typed client')).toEqual([['PAID', expect.stringMatching(/^\d+$/)]]);
  });

  it('tells refusals apart', async () => {
    expect(await runUnder('Refusals')).toEqual([['action.invalid_args', 'args.title']]);
  });

  it('does a thing once', async () => {
    expect(await runUnder('The same request again')).toEqual([[true, true]]);
  });

  it('comes back without an account', async () => {
    expect(await runUnder('Without an account')).toEqual([['PENDING_HELD', 2]]);
  });

  it('speaks plain HTTP', async () => {
    const location = expect.stringMatching(/^\/v1\/actions\/[0-9a-f-]{36}$/) as unknown;
    expect(await runUnder('Plain HTTP')).toEqual([[201, location]]);
  });

  it('starts the workflow', async () => {
    expect(await runUnder('Starting the workflow in Temporal')).toEqual([['PAID', null]]);
  });

  it('starts it with the argument as it is shown', async () => {
    const argument = snippets.find(({ language }) => language === 'json')?.code ?? '';
    const input = z
      .object({ actionId: z.uuid(), attempt: z.literal(1) })
      .loose()
      .parse(JSON.parse(argument));
    expect(await worker.run(`action/${input.actionId}/1`, input)).toEqual({
      ...{ state: 'PAID', reason: null },
    });
  });

  it('fails with the code of the refusal, whatever the argument', async () => {
    const actionId = randomUUID();
    const post = { type: 'ITEM_CREATE', args: { title: 'a title' } };
    const refused: readonly (readonly [unknown, string])[] = [
      [{ actionId, attempt: 1, open: { type: 'NOTHING', args: {} } }, 'action.unknown_type'],
      [{ actionId, attempt: 1, open: { type: 'ZAP', args: {} } }, 'action.invalid_args'],
      [{ actionId, attempt: 1, open: { ...post, actor: 'nobody' } }, 'account.not_found'],
      [{ actionId, attempt: 1 }, 'action.not_found'],
      [{ actionId, attempt: 2, open: post }, 'action.not_found'],
      [{ actionId, attempt: 1, open: { ...post, payment: 'cash' } }, 'request.invalid'],
      [{ actionId, attempt: 1, open: { ...post, invoiceExpirySeconds: 0 } }, 'request.invalid'],
      [{ actionId: 'x', attempt: 1, open: post }, 'request.invalid'],
      [{ actionId, attempt: '1' }, 'request.invalid'],
      [{ actionId: randomUUID(), attempt: 1, open: post }, 'request.invalid'],
      ['text', 'request.invalid'],
      [null, 'request.invalid'],
      [undefined, 'request.invalid'],
    ];
    const before = await tester.fingerprint();
    for (const [input, code] of refused) {
      const named = z.object({ attempt: z.unknown() }).safeParse(input).data;
      const run = worker.run(`action/${actionId}/${named?.attempt === 2 ? 2 : 1}`, input);
      const failure = await run.catch((error: unknown) => error);
      expect(worker.failureType(failure), JSON.stringify(input)).toBe(code);
    }
    expect(await tester.fingerprint()).toEqual(before);
  });
});
