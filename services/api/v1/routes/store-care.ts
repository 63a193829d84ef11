import type { IntakeContext } from '../../../../engine/intake/context.js';
import { reconcileNow, recoverSince } from '../../../../engine/intake/recover.js';
import { closeStore } from '../../../../engine/intake/stores/close-store.js';
import type { ZodApp } from '../../zod-app.js';
import { emptyBody } from '../wire/action-request.js';
import { recoverAnswer, recoverBody, startedAnswer } from '../wire/store-care.js';
import { closedStoreAnswer, storeParams } from '../wire/stores.js';
import { toTimeOrNull } from '../wire/values.js';
import { storeOf } from './stores.js';

const tags = ['stores'];

/** Of two thousand orders each: a request is answered soon. */
const MOST_RUNS = 1;

export function addStoreCareRoutes(app: ZodApp, intake: IntakeContext): void {
  addReconcile(app, intake);
  addRecover(app, intake);
  addClose(app, intake);
}

function addReconcile(app: ZodApp, intake: IntakeContext): void {
  app.post(
    '/v1/stores/:store/reconcile',
    {
      config: { access: 'stores', refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'Have a store looked at now',
        description:
          'Its workflow reads what was changed, looks at the webhooks, and asks for ids that nothing was heard of.',
        params: storeParams,
        body: emptyBody,
        response: { 200: startedAnswer },
      },
    },
    async ({ params: { store } }) => {
      await reconcileNow(intake, store);
      return { started: true as const };
    },
  );
}

function addRecover(app: ZodApp, intake: IntakeContext): void {
  app.post(
    '/v1/stores/:store/recover',
    {
      config: {
        access: 'stores',
        refusals: ['store.not_found', 'store.no_key', 'service.unavailable'],
      },
      schema: {
        tags,
        summary: 'Take in all orders that were modified since a time',
        description:
          'Nobody is told of them, and nothing is mailed to customers. Of many orders the first are taken in: `nextSince` says where to go on.',
        params: storeParams,
        body: recoverBody,
        response: { 200: recoverAnswer },
      },
    },
    async ({ params: { store }, body: { since, preview } }) => {
      const recovered = await recoverSince(intake, store, {
        ...{ since, preview, mostRuns: MOST_RUNS },
      });
      return { ...recovered, nextSince: toTimeOrNull(recovered.nextSince) };
    },
  );
}

function addClose(app: ZodApp, intake: IntakeContext): void {
  app.post(
    '/v1/stores/:store/close',
    {
      config: { access: 'stores', refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'Look after a store no longer',
        description:
          'Its workflow ends, and its deliveries are refused. What is known of it stays. Its webhooks are deleted at the store, where its key may write; `webhooks` says which remain. May be called again.',
        params: storeParams,
        body: emptyBody,
        response: { 200: closedStoreAnswer },
      },
    },
    async ({ params: { store } }) => {
      const { removed, remaining } = await closeStore(intake, store);
      const webhooks = remaining.map(({ webhookId, ...webhook }) => ({
        ...webhook,
        webhookId: webhookId?.toString() ?? null,
      }));
      return { ...(await storeOf(intake.pool, store)), webhooks: { removed, remaining: webhooks } };
    },
  );
}
