import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createItemTimerActivities } from '../../activities/item-timer.js';
import { createStoreActivities } from '../../activities/store.js';
import { createTerritoryActivities } from '../../activities/territory.js';
import type { WorkflowType } from '../../domain/names/workflows.js';
import type { IntakeContext } from '../../engine/intake/context.js';
import { derivedStoreKeys } from '../../engine/stored-secrets.js';
import { ActionFixture, POST } from '../integration/engine/actions/fixture.helper.js';
import { WorkflowFixture } from './workflow-fixture.helper.js';

let fixture: ActionFixture;
let workflows: WorkflowFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  const { engine } = fixture;
  const link = 'http://127.0.0.1:8420';
  workflows = await WorkflowFixture.create(fixture, {
    activities: {
      ...createTerritoryActivities(engine, link),
      ...createItemTimerActivities(engine, link),
      ...createStoreActivities(intakeOf(fixture), link, () => undefined),
    },
  });
});
afterAll(async () => {
  await workflows.close();
  await fixture.close();
});

/** Order intake without any store. */
function intakeOf({ pool }: ActionFixture): IntakeContext {
  return {
    ...{ pool, keys: derivedStoreKeys('a secret of this test'), publicUrl: 'http://127.0.0.1' },
    outboxChanged: () => undefined,
    connect: () => expect.fail('there is no store to connect to'),
  };
}

const ARGS = { title: 'a post to test with' };
const NUL = '\0';
const HALF = '\ud800';

/** The code with which a workflow failed, and the text that came with it. */
async function failureOf(handle: WorkflowHandle): Promise<{ code: string; text: string }> {
  const error: unknown = await handle.result().then(
    (result) => expect.fail(`it ended with ${JSON.stringify(result)}`),
    (failure: unknown) => failure,
  );
  let cause: unknown = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const { type, message } = cause as { type?: string; message: string };
  return { code: type ?? '', text: message };
}

const open = (actionId: string, more: object = {}) => ({
  ...{ actionId, attempt: 1 },
  open: { type: POST.type, args: ARGS, ...more },
});
const idOf = (actionId: string): string => `action/${actionId}/1`;

async function expectServed(): Promise<void> {
  const actionId = randomUUID();
  const handle = await workflows.startWith('paidAction', idOf(actionId), [
    open(actionId, { actor: 'rich' }),
  ]);
  expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
}

describe('a paid action that another service starts', () => {
  beforeAll(() => fixture.account('rich', 1_000_000n));

  it.each<[string, object]>([
    ['an actor with NUL', { actor: `ali${NUL}ce` }],
    ['an actor with half a character', { actor: `ali${HALF}` }],
    ['an actor without end', { actor: 'a'.repeat(100_000) }],
    ['a url with NUL', { args: { ...ARGS, url: `https://ok.example/${NUL}` } }],
    ['a url with half a character', { args: { ...ARGS, url: `https://ok.example/${HALF}` } }],
    ['an unknown key with half a character', { args: { ...ARGS, [HALF]: 1 } }],
    ['an unknown field with half a character', { [`x${HALF}`]: 1 }],
    ['a type with NUL', { type: NUL }],
  ])('fails at once for %s, and others are served', async (_what, more) => {
    const actionId = randomUUID();
    const handle = await workflows.startWith('paidAction', idOf(actionId), [open(actionId, more)]);
    const { code, text } = await failureOf(handle);
    expect(['request.invalid', 'action.invalid_args']).toContain(code);
    expect(text.isWellFormed()).toBe(true);
    await expectServed();
  });

  it('has one spelling of its id', async () => {
    const actionId = randomUUID();
    const upper = open(actionId.toUpperCase(), { actor: 'rich' });
    const handle = await workflows.startWith('paidAction', idOf(actionId), [upper]);
    expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
    expect((await fixture.view(actionId)).id).toBe(actionId);
  });

  it.each([(id: string) => id, (id: string) => id.toUpperCase(), () => 'my-own-id'])(
    'fails under another workflow id: %#',
    async (spell) => {
      const actionId = randomUUID();
      const args = [open(actionId, { actor: 'rich' })];
      const handle = await workflows.startWith('paidAction', `${spell(actionId)}/1`, args);
      expect((await failureOf(handle)).code).toBe('request.invalid');
    },
  );
});

describe('a workflow under an id that is not that of its subject', () => {
  it.each<[WorkflowType, string, object]>([
    ['transmissionOrder', 'my-own-id', { orderId: randomUUID() }],
    ['creditsRebuild', 'credits-rebuild/actions', { ledger: 'aleph', dryRun: true }],
    ['creditsRebuild', 'credits-rebuild/aleph', { ledger: 'aleph', dryRun: true }],
    ['store', 'store/other', { store: 'shop' }],
    ['territory', 'territory/2', { territory: '1' }],
    ['reminder', 'ephemeral-item/1', { timer: '1' }],
    ['ephemeralItem', 'reminder/1', { timer: '1' }],
  ])('is refused: %s %s', async (type, id, input) => {
    const handle = await workflows.startWith(type, id, [input]);
    const { code, text } = await failureOf(handle);
    expect(code).toBe('request.invalid');
    expect(text).toContain('the id of this workflow must be');
  });

  it.each<[WorkflowType, string, object, string]>([
    ['store', 'store/nobodys', { store: 'nobodys' }, 'closed'],
    ['territory', 'territory/999', { territory: '999' }, 'gone'],
    ['reminder', 'reminder/999', { timer: '999' }, 'gone'],
  ])('whose subject there is not ends at once: %s %s', async (type, id, input, state) => {
    const handle = await workflows.startWith(type, id, [input]);
    expect(await handle.result()).toEqual({ state, reason: null });
  });
});

describe('arbitrary inputs', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(NUL, HALF, '', 'rich', 'ITEM_CREATE', 'aleph', '0', 'x'.repeat(5_000)),
  );
  const value = fc.oneof(
    fc.anything({ values: [text, fc.integer(), fc.boolean()], maxDepth: 3, maxKeys: 4 }),
    text,
  );
  const actionId = fc.oneof(fc.uuid(), value);
  const paidAction = fc.oneof(
    value,
    fc.record(
      {
        ...{ actionId, attempt: fc.oneof(fc.constant(1), value) },
        open: fc.oneof(
          value,
          fc.record(
            { type: fc.oneof(fc.constant('ITEM_CREATE'), value), args: value, actor: value },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    ),
  );
  const orders = fc.oneof(
    value,
    fc.constantFrom({ orderId: 'xyz' }, null),
    fc.record({ orderId: value }),
  );
  const rebuilds = fc.oneof(
    value,
    fc.constant(null),
    fc.record({ ledger: fc.oneof(fc.constant('aleph'), value), dryRun: text }),
  );

  const named = (name: string) =>
    fc.oneof(
      value,
      fc.constantFrom(null, { [name]: 1 }, { [name]: '9'.repeat(30) }, { [name]: `1${NUL}` }),
      fc.record({ [name]: value }),
    );
  const inputs: Readonly<Record<WorkflowType, fc.Arbitrary<unknown>>> = {
    ...{ paidAction, transmissionOrder: orders, creditsRebuild: rebuilds },
    ...{ store: named('store'), territory: named('territory') },
    ...{ reminder: named('timer'), ephemeralItem: named('timer') },
  };

  it.each(Object.entries(inputs))(
    'of %s fail it at once, and the worker goes on',
    async (type, input) => {
      const property = fc.asyncProperty(
        fc.array(input, { minLength: 4, maxLength: 8 }),
        async (inputs) => {
          await Promise.all(
            inputs.map(async (one) => {
              const handle = await workflows.startWith(type, randomUUID(), [one]);
              const { text: told } = await failureOf(handle);
              expect(told.isWellFormed()).toBe(true);
            }),
          );
        },
      );
      await fc.assert(property, { numRuns: 3, endOnFailure: true });
      await expectServed();
    },
  );

  it('of a rebuild’s progress fail it at once', async () => {
    const property = fc.asyncProperty(value, async (before) => {
      fc.pre(before !== undefined && before !== null);
      const input = { ledger: 'aleph', dryRun: true };
      const handle = await workflows.startWith('creditsRebuild', randomUUID(), [input, before]);
      expect((await failureOf(handle)).text.isWellFormed()).toBe(true);
    });
    await fc.assert(property, { numRuns: 6, endOnFailure: true });
  });
});
