import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { headers, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { QuittanceClient } from '@quittance/sdk';
import { startTokenAnswer } from '@quittance/sdk/answers';
import { readEpoch } from '../../db/installation.js';
import { FIRST_ID_HEADER, MESSAGE_ID_HEADER } from '../../services/shared/messages/raw-message.js';
import { publish } from '../../services/shared/publish.js';
import { AUDITED } from '../../services/api/satellite/audited.js';
import {
  askOf,
  issueCallers,
  refusalOf,
  routesIn,
} from '../integration/services/api/operators/matrix.helper.js';
import type { Asked } from '../integration/services/api/tester.helper.js';
import { brokenRules } from '../support/books.js';
import { signerOf, testKeys } from '../support/signers.js';
import { waitUntil } from '../support/wait-until.js';
import { isListed, Production, SERIES } from './production.helper.js';
import { type System, WALLET } from './system.helper.js';

/**
 * A system of processes with the settings of production. The attacker reaches Temporal and NATS, and has the passwords of lightning and
 * of a station there, and tokens of an account and of every helper; no key and no secret.
 */

let production: Production;
let system: System;
let alice: QuittanceClient;
beforeAll(async () => {
  production = await Production.start();
  ({ system } = production);
  alice = await system.account('alice', '10000000');
  await system.account('mallory');
});
afterAll(async () => {
  await (production as Production | undefined)?.stop();
});

const POST = { type: 'ITEM_CREATE', args: { title: 'A post that is to be stolen' } } as const;

async function pending(): Promise<{ id: string; hash: string; subject: string; bolt11: string }> {
  const { action } = await alice.openAction({ ...POST, payment: 'invoice' });
  const invoice = action.attempts.at(-1)?.invoice;
  const hash = invoice?.hash ?? '';
  const subject = `payments.invoice.${hash}.settled`;
  return { id: action.id, hash, subject, bolt11: invoice?.bolt11 ?? '' };
}

const stateOf = async (id: string): Promise<string> => (await alice.getAction(id)).state;
const settled = (hash: string) => ({
  ...{ hash, at: new Date().toISOString(), node: 'a node', cursor: '7' },
  ...{ state: 'settled', receivedMsat: '1000000' },
});

/** How many messages of a stream the relay has answered so. */
const answered = (result: string, stream = 'PAYMENTS'): Promise<number> =>
  production.metric(
    'relay',
    new RegExp(`^quittance_messages_total\\{stream="${stream}",result="${result}"\\}`),
  );

async function until(result: string, more: number, work: () => Promise<unknown>): Promise<void> {
  const before = await answered(result);
  await work();
  await waitUntil(`${more} ${result}`, async () => (await answered(result)) >= before + more);
}

const send = async (nc: NatsConnection, subject: string, body: unknown, signed = true) => {
  const epoch = await readEpoch(system.pool);
  const signer = signed ? testKeys().signer : undefined;
  await publish(nc.jetstream(), { subject, body, messageId: randomUUID(), epoch }, signer);
};

describe('at NATS', () => {
  it('nobody comes in without a password', async () => {
    await expect(production.connect()).rejects.toThrow();
  });

  it('a station reports no payment, reads none, and changes no stream', async () => {
    const { id, hash, subject } = await pending();
    const nc = await production.connect('ground-station');
    await expect(send(nc, subject, settled(hash))).rejects.toThrow();
    const manager = await nc.jetstreamManager({ checkAPI: false });
    await expect(manager.streams.getMessage('PAYMENTS', { seq: 1 })).rejects.toThrow();
    await expect(manager.streams.purge('PAYMENTS')).rejects.toThrow();
    await expect(manager.streams.delete('TRANSMISSIONS')).rejects.toThrow();
    await expect(manager.consumers.delete('PAYMENTS', 'payments')).rejects.toThrow();
    expect(await stateOf(id)).toBe('PENDING');
  });

  it('forged payments are not believed', async () => {
    const { id, hash, subject } = await pending();
    const nc = await production.connect('lightning');
    await until('unverified', 2, async () => {
      await send(nc, subject, settled(hash));
      await send(nc, subject, settled(hash), false);
    });
    expect(await stateOf(id)).toBe('PENDING');
  });

  it('recorded payments gain nothing', async () => {
    const paid = await pending();
    const other = await pending();
    void system.wallets.pay(WALLET, paid.bolt11).catch(() => undefined);
    await waitUntil('it is paid', async () => (await stateOf(paid.id)) === 'PAID');
    const recorded = await production.recorded(paid.subject);
    const nc = await production.connect('lightning');
    const again = (subject: string, first?: string): Promise<unknown> => {
      const found = headers();
      for (const [name, values] of recorded.headers) {
        for (const one of values) found.append(name, one);
      }
      found.set(MESSAGE_ID_HEADER, randomUUID());
      if (first !== undefined) found.set(FIRST_ID_HEADER, first);
      return nc.jetstream().publish(subject, recorded.body, { headers: found });
    };
    // Its signature is that of another id, and of another subject.
    await until('unverified', 2, async () => {
      await again(paid.subject);
      await again(other.subject);
    });
    // As if it had been replayed from the dead letters: JetStream does not know the id, we do.
    const [, [firstId = ''] = []] =
      recorded.headers.find(([name]) => name === MESSAGE_ID_HEADER) ?? [];
    await until('duplicate', 1, () => again(paid.subject, firstId));
    expect([await stateOf(paid.id), await stateOf(other.id)]).toEqual(['PAID', 'PENDING']);
    const { rows } = await system.pool.query<{ n: number }>(
      `select count(*)::int as n from transitions where subject = $1 and to_state = 'PAID'`,
      [`${paid.id}/1`],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('a station’s signature is none for payments', async () => {
    const { id, hash, subject } = await pending();
    const signer = signerOf(
      system.parts.variables,
      'QUITTANCE_CONFIRMATIONS_SIGNING_KEY',
      'station/0',
    );
    const nc = await production.connect('lightning');
    const epoch = await readEpoch(system.pool);
    await until('unverified', 1, () =>
      publish(
        nc.jetstream(),
        { subject, body: settled(hash), messageId: randomUUID(), epoch },
        signer,
      ),
    );
    expect(await stateOf(id)).toBe('PENDING');
  });
});

describe('at Temporal', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await Connection.connect({ address: system.servers.temporalAddress });
  });
  afterAll(() => connection.close());

  const start = async (open: object, actionId: string = randomUUID()): Promise<unknown> => {
    const { workflow } = new Client({ connection });
    const handle = await workflow.start('paidAction', {
      ...{ taskQueue: 'actions', workflowId: `action/${actionId}/1` },
      args: [{ actionId, attempt: 1, open }],
    });
    return handle.result().catch((error: unknown) => error);
  };
  const actions = async (): Promise<number> =>
    (await system.pool.query<{ n: number }>('select count(*)::int as n from actions')).rows[0]?.n ??
    0;

  it('nobody spends the credits of others by starting workflows', async () => {
    const before = [await actions(), (await alice.me()).creditsMsat];
    const token = await issued('mallory');
    const ours = { ...POST, actor: 'alice', payment: 'credits' };
    const [head, grant, mac = ''] = token.startToken.split('.');
    for (const [open, id] of [
      [ours, undefined],
      [{ ...ours, startToken: `qs1.${randomBytes(40).toString('base64url')}.x` }, undefined],
      // Mallory's own, for alice, and for another action.
      [{ ...ours, startToken: token.startToken }, token.actionId],
      [{ ...POST, actor: 'mallory', startToken: token.startToken }, undefined],
      [{ ...ours, startToken: `${head}.${grant}.${mac.slice(0, -2)}AA` }, token.actionId],
    ] as const) {
      expect(await start(open, id), JSON.stringify(open)).toBeInstanceOf(WorkflowFailedError);
    }
    expect([await actions(), (await alice.me()).creditsMsat]).toEqual(before);
  });

  it('payloads of our own cannot be read', async () => {
    const { id } = await pending();
    const { workflow } = new Client({ connection });
    await waitUntil('it was started', async () => {
      const description = await workflow
        .getHandle(`action/${id}/1`)
        .describe()
        .catch(() => undefined);
      return description !== undefined;
    });
    // Operators find it by the account's name: search attributes are in clear.
    const query = 'QActor = "alice"';
    await waitUntil('it is listed', () => isListed(workflow, query, `action/${id}/1`));
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId: `action/${id}/1` },
    });
    const [first] = history?.events ?? [];
    const [payload] = first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(Buffer.from(payload?.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
    expect(Buffer.from(payload?.data ?? []).toString()).not.toContain(id);
  });

  it('with a token of one’s own, one’s own action is opened', async () => {
    const { startToken, actionId } = await issued('alice');
    const open = { ...POST, actor: 'alice', payment: 'credits', startToken };
    await start(open, actionId);
    expect(await stateOf(actionId)).toBe('PAID');
  });
});

async function issued(name: string): Promise<z.output<typeof startTokenAnswer>> {
  const { token } = await system.operator.issueToken(name, 'another');
  const response = await fetch(`${system.parts.apiUrl}/v1/start-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token ?? ''}` },
    body: JSON.stringify({ type: POST.type, maxCostMsat: '5000000' }),
  });
  return startTokenAnswer.parse(await response.json());
}

describe('over HTTP', () => {
  const ask = async ({ method, url, headers: sent, body }: Asked) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${system.parts.apiUrl}${url}`, {
      ...{ method, headers: { ...json, ...sent }, redirect: 'manual' as const },
      ...(typeof body === 'string' ? { body } : {}),
    });
    return { status: response.status, text: await response.text() };
  };
  const coded = z.object({ code: z.string() });
  it('every route answers 401 and 403 by role and scope', async () => {
    const callers = await issueCallers(system.pool);
    const routes = routesIn(JSON.parse((await ask({ method: 'GET', url: '/openapi.json' })).text));
    expect(routes.length).toBeGreaterThan(90);
    for (const route of routes) {
      for (const caller of [undefined, ...callers]) {
        const code = refusalOf(route, caller);
        if (code === undefined && route.url.endsWith('/events')) continue; // It does not end.
        const { status, text } = await ask(askOf(route, caller));
        const about = `${route.method} ${route.url} as ${caller?.who ?? 'nobody'}: ${text}`;
        if (code === undefined) expect([401, 403], about).not.toContain(status);
        else expect(coded.parse(JSON.parse(text)).code, about).toBe(code);
      }
    }
  });

  it('what is for administrators and stations of the Satellite API is closed', async () => {
    for (const act of Object.keys(AUDITED)) {
      const [method = '', path = ''] = act.split(' ');
      const url = path.replaceAll(/:\w+/g, '1');
      const found = await fetch(`${system.parts.apiUrl}${url}`, { method });
      expect(found.status, act).toBe(403);
    }
  });

  it('metrics and readiness are not shown on the port of the API, nor switches of simulators', async () => {
    for (const url of ['/metrics', '/readyz']) {
      expect((await ask({ method: 'GET', url })).status, url).toBe(404);
    }
    const station = system.processes['ground-station'].url;
    expect((await fetch(`${station}/simulator/miss`)).status).toBe(404);
  });
});

describe('the metrics of a process', () => {
  beforeAll(async () => {
    const response = await fetch(`${system.parts.apiUrl}/order`, {
      method: 'POST',
      body: new URLSearchParams({ bid: '10000', message: 'A message for everybody' }),
    });
    const { lightning_invoice: invoice } = z
      .object({ lightning_invoice: z.object({ payreq: z.string() }) })
      .parse(await response.json());
    void system.wallets.pay(WALLET, invoice.payreq).catch(() => undefined);
  });

  it.each(SERIES)('%s: %s', async (name, series) => {
    const starts = new RegExp(`^${series.replaceAll(/[{}"/.]/g, '\\$&').replace('\\}', '')}`);
    await waitUntil(series, async () => (await production.metric(name, starts)) > 0, 30_000);
  });
});

it('the books are right afterwards', async () => {
  expect(await brokenRules(system.pool)).toEqual([]);
});
