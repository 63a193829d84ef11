import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../../../domain/refusal.js';
import { clockOf } from '../../../../domain/intake/thresholds/learn.js';
import { durationsAt } from '../../../../domain/intake/thresholds/stay.js';
import { resolveIncident } from '../../../../engine/intake/incidents/change-incident.js';
import { readIncidents } from '../../../../engine/intake/incidents/read-incidents.js';
import { readIds } from '../../../../engine/intake/orders/read-ids.js';
import { type Recovered, recoverSince } from '../../../../engine/intake/recover.js';
import {
  readStoreOrder,
  readStoreOrders,
  readStores,
  type StoreView,
} from '../../../../engine/intake/stores/read-stores.js';
import { readStays } from '../../../../engine/intake/thresholds/read-stays.js';
import { readCurrentThresholds } from '../../../../engine/intake/thresholds/read-versions.js';
import { readThresholdSettings } from '../../../../engine/intake/thresholds/settings.js';
import { digits, pageOf, pageQuery } from '../../v1/wire/page.js';
import { type PagesContext, viewFor } from '../context.js';
import { formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { sendPage } from '../send.js';
import { to } from '../view.js';
import { IncidentsPage, RecoverPage } from './incident-pages.js';
import {
  IdsPage,
  type LearnedThreshold,
  StoreOrderPage,
  StoreOrdersPage,
  StoresPage,
  ThresholdsPage,
} from './store-pages.js';

const PER_PAGE = 50;
const IDS_SHOWN = 440;
const HIGHEST = 9_223_372_036_854_775_807n;
const read = { config: { access: 'read' }, schema: { hide: true } } as const;
const change = { config: { access: 'stores' }, schema: { hide: true } } as const;
const storeParam = z.object({ store: z.string().max(64) });
const orderParam = z.object({ order: digits });
const incidentParam = z.object({ incident: digits });
const byId = z.object(pageQuery(z.tuple([digits])));

/** What the owner of a store, or who watches it for them, sees of it. */
export function addStoreRoutes(app: FastifyInstance, context: PagesContext): void {
  const { reads } = context.deps;
  app.get('/stores', read, async (request, reply) => {
    const stores = await readStores(reads, { after: '', limit: 200 });
    return sendPage(reply, StoresPage({ view: viewFor(context, request), stores }));
  });
  addOrders(app, context);
  addLearned(app, context);
  addCare(app, context);
}

async function storeFor(context: PagesContext, request: FastifyRequest): Promise<StoreView> {
  const { store: only } = parsed(storeParam, request.params);
  const [store] = await readStores(context.deps.reads, { after: '', limit: 1, only });
  if (store === undefined) throw new Refusal('store.not_found', `There is no store ${only}.`);
  return store;
}

function addOrders(app: FastifyInstance, context: PagesContext): void {
  const { reads } = context.deps;
  app.get('/stores/:store', read, async (request, reply) => {
    const store = await storeFor(context, request);
    const { cursor } = parsed(byId, request.query);
    const range = { before: cursor?.[0] ?? HIGHEST, limit: PER_PAGE + 1 };
    const rows = await readStoreOrders(reads, store.id, range);
    const page = pageOf(
      rows,
      PER_PAGE,
      ({ orderId }) => [orderId.toString()],
      (row) => row,
    );
    const view = viewFor(context, request);
    const props = { view, store, orders: page.entries, cursor: page.nextCursor };
    return sendPage(reply, StoreOrdersPage(props));
  });
  app.get('/stores/:store/orders/:order', read, async (request, reply) => {
    const store = await storeFor(context, request);
    const { order: orderId } = parsed(orderParam, request.params);
    const { order, trail } = await readStoreOrder(reads, store.id, orderId);
    const view = viewFor(context, request);
    return sendPage(reply, StoreOrderPage({ view, store, order, trail }));
  });
}

function addLearned(app: FastifyInstance, context: PagesContext): void {
  app.get('/stores/:store/thresholds', read, async (request, reply) => {
    const store = await storeFor(context, request);
    const learned = await readLearned(context, store.id);
    return sendPage(reply, ThresholdsPage({ view: viewFor(context, request), store, learned }));
  });
  app.get('/stores/:store/ids', read, async (request, reply) => {
    const store = await storeFor(context, request);
    const ids = await readIds(context.deps.reads, store.id, IDS_SHOWN);
    return sendPage(reply, IdsPage({ view: viewFor(context, request), store, ids }));
  });
}

/** The thresholds in force, each with the stays behind it as its clock measures them. */
async function readLearned(
  { deps: { reads } }: PagesContext,
  store: string,
): Promise<LearnedThreshold[]> {
  const now = new Date();
  const [thresholds = [], settings, stays] = await Promise.all([
    readCurrentThresholds(reads, store),
    readThresholdSettings(reads, store),
    readStays(reads, store, now),
  ]);
  if (settings === undefined) return [];
  return thresholds.map((threshold) => {
    const { status, paymentMethod } = threshold;
    const behind = stays.filter(
      (stay) =>
        stay.status === status && (paymentMethod === null || stay.paymentMethod === paymentMethod),
    );
    const clock = clockOf(threshold.clock, settings.business);
    return { threshold, durations: durationsAt(behind, clock, now) };
  });
}

function addCare(app: FastifyInstance, context: PagesContext): void {
  const { reads, engine, intake } = context.deps;
  app.get('/stores/:store/incidents', read, async (request, reply) => {
    const store = await storeFor(context, request);
    const filter = { store: store.id, open: undefined, before: undefined, limit: 100 };
    const incidents = await readIncidents(reads, filter);
    return sendPage(reply, IncidentsPage({ view: viewFor(context, request), store, incidents }));
  });
  app.post('/stores/:store/incidents/:incident/resolve', change, async (request, reply) => {
    const store = await storeFor(context, request);
    await resolveIncident(engine.pool, parsed(incidentParam, request.params).incident);
    const path = `/stores/${store.id}/incidents`;
    return reply.code(303).header('location', to(context.settings, path)).send();
  });
  const show = async (request: FastifyRequest, reply: FastifyReply, outcome: Outcome = {}) => {
    const store = await storeFor(context, request);
    const { since = '', ...rest } = outcome;
    const page = RecoverPage({ view: viewFor(context, request), store, since, ...rest });
    return sendPage(reply, page, rest.refusal?.status);
  };
  app.get('/stores/:store/recover', read, (request, reply) => show(request, reply));
  app.post('/stores/:store/recover', change, async (request, reply) => {
    const store = await storeFor(context, request);
    const form = formOf(request.body);
    const since = form.text('since');
    try {
      if (intake === undefined) throw new Refusal('service.unavailable', 'No store is served.');
      const recovery = { since: parsed(utcTime, since), preview: form.text('step') !== 'take' };
      const recovered = await recoverSince(intake, store.id, { ...recovery, mostRuns: 1 });
      return await show(request, reply, { since, recovered });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return show(request, reply, { since, refusal });
    }
  });
}

interface Outcome {
  readonly since?: string;
  readonly recovered?: Recovered;
  readonly refusal?: Refusal;
}

const utcTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, 'it takes a date and a time')
  .transform((text) => new Date(`${text}:00Z`));
