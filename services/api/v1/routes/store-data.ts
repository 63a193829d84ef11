import type { IntakeContext } from '../../../../engine/intake/context.js';
import {
  readStoreDeadLetters,
  type StoreDeadLetter,
} from '../../../../engine/intake/events/dead-letters.js';
import { replayDeliveries } from '../../../../engine/intake/events/replay.js';
import {
  countErasable,
  erase,
  type ErasureTarget,
} from '../../../../engine/intake/retention/erase.js';
import { changeKeeping } from '../../../../engine/intake/stores/change-settings.js';
import { readStore } from '../../../../engine/intake/stores/store.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { pageOf } from '../wire/page.js';
import {
  deadLettersAnswer,
  deadLettersQuery,
  eraseAnswer,
  eraseBody,
  keepingAnswer,
  keepingBody,
  replayAnswer,
  replayBody,
} from '../wire/store-care.js';
import { storeParams } from '../wire/stores.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const tags = ['stores'];

const refusals = ['store.not_found'] as const;
const HIGHEST = 9_223_372_036_854_775_807n;

export function addStoreDataRoutes(app: ZodApp, deps: ApiDeps, intake: IntakeContext): void {
  addDeadLetters(app, deps);
  addReplay(app, intake);
  addErase(app, intake);
  addKeeping(app, intake);
}

function addDeadLetters(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/stores/:store/dead-letters',
    {
      config: { access: 'read', refusals },
      schema: {
        tags,
        summary: 'List deliveries that were refused or could not be read, newest first',
        params: storeParams,
        querystring: deadLettersQuery,
        response: { 200: deadLettersAnswer },
      },
    },
    async ({ params: { store }, query: { cursor, limit } }) => {
      await readStore(reads, store);
      const before = cursor?.[0] ?? HIGHEST;
      const rows = await readStoreDeadLetters(reads, store, { before, limit: limit + 1 });
      const page = pageOf(rows, limit, ({ id }) => [id.toString()], present);
      return { deadLetters: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

function present(letter: StoreDeadLetter) {
  return {
    ...letter,
    id: letter.id.toString(),
    receivedAt: toTime(letter.receivedAt),
    webhookId: letter.webhookId?.toString() ?? null,
    orderId: letter.orderId?.toString() ?? null,
    erasedAt: toTimeOrNull(letter.erasedAt),
  };
}

function addReplay(app: ZodApp, intake: IntakeContext): void {
  app.post(
    '/v1/stores/:store/dead-letters/replay',
    {
      config: { access: 'stores', refusals },
      schema: {
        tags,
        summary: 'Take in deliveries that were refused or could not be read',
        description:
          'Of refused ones those that a secret of today signs. Nothing is mailed to customers for it.',
        params: storeParams,
        body: replayBody,
        response: { 200: replayAnswer },
      },
    },
    async ({ params: { store }, body: { ids, preview } }) => {
      await readStore(intake.pool, store);
      const of = ids === undefined ? {} : { ids };
      return { replayed: await replayDeliveries(intake, store, { ...of, preview }) };
    },
  );
}

function addErase(app: ZodApp, intake: IntakeContext): void {
  app.post(
    '/v1/stores/:store/erasures',
    {
      config: { access: 'stores', refusals },
      schema: {
        tags,
        summary: 'Erase personal data: of a person, of an order, or what is old',
        description:
          'Bodies of deliveries, orders, participants, and where slips were sent. The rows stay and can be counted. What waits to be mailed is void.',
        params: storeParams,
        body: eraseBody,
        response: { 200: eraseAnswer },
      },
    },
    async ({ params: { store }, body: { email, order, before, preview } }) => {
      await readStore(intake.pool, store);
      const target = targetOf(email, order, before);
      return preview
        ? countErasable(intake.pool, store, target)
        : erase(intake.pool, store, target);
    },
  );
}

/** The body's schema lets exactly one of them through. */
function targetOf(
  email: string | undefined,
  order: bigint | undefined,
  before: Date | undefined,
): ErasureTarget {
  if (email !== undefined) return { what: 'email', value: email };
  if (order !== undefined) return { what: 'order', value: order };
  return { what: 'before', value: before ?? new Date(0) };
}

function addKeeping(app: ZodApp, intake: IntakeContext): void {
  app.put(
    '/v1/stores/:store/keeping',
    {
      config: { access: 'stores', refusals },
      schema: {
        tags,
        summary: 'Say for how many days personal data is kept',
        params: storeParams,
        body: keepingBody,
        response: { 200: keepingAnswer },
      },
    },
    async ({ params: { store }, body }) => {
      await changeKeeping(intake, store, body);
      return body;
    },
  );
}
