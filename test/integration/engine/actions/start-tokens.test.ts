import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ActionInput,
  createPaidActionActivities,
} from '../../../../activities/paid-action.js';
import { issueStartToken } from '../../../../engine/accounts/issue-start-token.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { signStartToken, type StartGrant } from '../../../../engine/accounts/start-token.js';
import { ENGINE_SETTINGS } from '../../../support/engine-settings.js';
import { ActionFixture, POST } from './fixture.helper.js';

const CREDITS = 1_000_000n;
const ENOUGH = 10_000_000n;

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  await fixture.account('alice', CREDITS);
  await fixture.account('mallory');
});
afterAll(() => fixture.close());

/** Starts as another service does, where starts are not trusted. */
function start(input: ActionInput, trustsStarts = false): Promise<unknown> {
  const options = { apiUrl: 'http://127.0.0.1:8420', trustsStarts };
  return createPaidActionActivities(fixture.engine, options).advanceAction(input);
}

/** With a token for alice's post; `grant` changes what the token says, `open` what is asked for. */
function withToken(
  grant: Partial<StartGrant> = {},
  open: Partial<NonNullable<ActionInput['open']>> = {},
  secret = ENGINE_SETTINGS.secret,
): ActionInput {
  const actionId = randomUUID();
  const startToken = signStartToken(secret, {
    ...{ actionId, type: POST.type, maxCostMsat: ENOUGH, actor: 'alice', origin: null },
    expiresAt: new Date(Date.now() + 60_000),
    ...grant,
  });
  return { actionId, attempt: 1, open: { type: POST.type, args: POST.args, startToken, ...open } };
}

async function codeOf(input: ActionInput): Promise<string | null | undefined> {
  const error: unknown = await start(input).catch((failure: unknown) => failure);
  if (!(error instanceof ApplicationFailure))
    throw new Error('it was not refused', { cause: error });
  expect(error.nonRetryable).toBe(true);
  expect(await fixture.count('actions where id = $1', [input.actionId])).toBe(0);
  return error.type;
}

async function rowOf(actionId: string): Promise<unknown> {
  const { rows } = await fixture.pool.query<object>(
    `select opened_by as by, (select name from accounts where id = actor) as actor from actions where id = $1`,
    [actionId],
  );
  return rows[0];
}

describe('starting an action where starts are not trusted', () => {
  it('takes a token, and the row says so', async () => {
    const input = withToken();
    expect(await start(input)).toMatchObject({ state: 'PAID' });
    expect(await rowOf(input.actionId)).toEqual({ by: 'start_token', actor: 'alice' });
  });

  it.each<[string, () => ActionInput]>([
    [
      'start.token_missing',
      () => ({ ...withToken(), open: { type: POST.type, args: POST.args, actor: 'alice' } }),
    ],
    ['start.token_missing', () => ({ ...withToken(), open: { type: POST.type, args: POST.args } })],
    ['start.token_forged', () => withToken({}, {}, 'another secret')],
    ['start.token_forged', () => withToken({}, { startToken: 'qs1.e30.AAAA' })],
    ['start.token_forged', () => withToken({}, { startToken: '' })],
    ['start.token_expired', () => withToken({ expiresAt: new Date(Date.now() - 1_000) })],
    ['start.other_action', () => withToken({ actionId: randomUUID() })],
    ['start.other_type', () => withToken({ type: 'ZAP' })],
    ['start.other_account', () => withToken({ actor: 'mallory' }, { actor: 'alice' })],
    ['start.other_account', () => withToken({ actor: null }, { actor: 'alice' })],
    ['start.cost_above', () => withToken({ maxCostMsat: 1n })],
  ])('is refused with %s', async (code, input) => {
    expect(await codeOf(input())).toBe(code);
  });

  it('no part of a token can be changed', async () => {
    const input = withToken();
    const token = input.open?.startToken ?? '';
    for (const at of [3, 6, Math.floor(token.length / 2), token.length - 2]) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      const open = { type: POST.type, args: POST.args, startToken: changed };
      expect(await codeOf({ ...input, open })).toBe('start.token_forged');
    }
  });

  it('opens one action per token', async () => {
    const input = withToken();
    await start(input);
    await start(input);
    expect(await fixture.count('attempts where action_id = $1', [input.actionId])).toBe(1);
    const again = { ...input, attempt: 2 };
    await expect(start(again)).rejects.toMatchObject({ type: 'action.not_found' });
  });

  it('needs no token for what is open already: starting a workflow again is recovery', async () => {
    const { view } = await fixture.open(await fixture.account('bob'));
    expect(await start({ actionId: view.id, attempt: 1 })).toMatchObject({ state: 'PENDING' });
    expect(await rowOf(view.id)).toEqual({ by: 'http', actor: 'bob' });
  });

  it('without an account counts for the network that asked for the token', async () => {
    const origin = originOf(ENGINE_SETTINGS.secret, '192.0.2.7');
    const input = withToken({ actor: null, origin });
    await start(input);
    expect(await rowOf(input.actionId)).toEqual({ by: 'start_token', actor: null });
    expect(
      await fixture.count('attempts where action_id = $1 and origin = $2', [
        input.actionId,
        origin,
      ]),
    ).toBe(1);
  });
});

it('a trusted start is recorded as one', async () => {
  const actionId = randomUUID();
  await start(
    { actionId, attempt: 1, open: { type: POST.type, args: POST.args, actor: 'alice' } },
    true,
  );
  expect(await rowOf(actionId)).toEqual({ by: 'trusted_start', actor: 'alice' });
});

it('a token is valid by the database’s clock', async () => {
  const request = { type: POST.type, maxCostMsat: ENOUGH, actor: 'alice', origin: null };
  const issued = await issueStartToken(fixture.engine, { ...request, validSeconds: 60 });
  const input = {
    ...{ actionId: issued.actionId, attempt: 1 },
    open: { type: POST.type, args: POST.args, startToken: issued.token },
  };
  expect(await start(input)).toMatchObject({ state: 'PAID' });
});
