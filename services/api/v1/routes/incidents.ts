import {
  muteIncident,
  resolveIncident,
} from '../../../../engine/intake/incidents/change-incident.js';
import {
  type Incident,
  readIncident,
  readIncidents,
  type WholeIncident,
} from '../../../../engine/intake/incidents/read-incidents.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { emptyBody } from '../wire/action-request.js';
import {
  incidentAnswer,
  incidentParams,
  incidentQuery,
  incidentsAnswer,
  muteBody,
} from '../wire/incident.js';
import { pageOf } from '../wire/page.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const tags = ['order intake'];
const config = { access: 'stores', refusals: ['incident.not_found'] } as const;
const reading = { ...config, access: 'read', audited: false } as const;

export function addIncidentRoutes(app: ZodApp, deps: ApiDeps): void {
  addList(app, deps);
  addShow(app, deps);
  addMute(app, deps);
  addResolve(app, deps);
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/incidents',
    {
      config: { access: 'read', audited: false },
      schema: {
        tags,
        summary: 'List incidents of stores, newest first',
        querystring: incidentQuery,
        response: { 200: incidentsAnswer },
      },
    },
    async ({ query: { cursor, limit, store, open } }) => {
      const before = cursor?.[0];
      const rows = await readIncidents(reads, { store, open, before, limit: limit + 1 });
      const page = pageOf(rows, limit, ({ id }) => [id.toString()], present);
      return { incidents: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

function addShow(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/incidents/:id',
    {
      config: reading,
      schema: {
        tags,
        summary: 'Read an incident with its orders and notices',
        params: incidentParams,
        response: { 200: incidentAnswer },
      },
    },
    async ({ params: { id } }) => presentWhole(await readIncident(reads, id)),
  );
}

function addMute(app: ZodApp, { engine: { pool, outboxChanged } }: ApiDeps): void {
  app.put(
    '/v1/incidents/:id/mute',
    {
      config,
      schema: {
        tags,
        summary: 'Tell nobody of an incident until then',
        description: 'It stays open and is looked after. A time in the past ends the muting.',
        params: incidentParams,
        body: muteBody,
        response: { 200: incidentAnswer },
      },
    },
    async ({ params: { id }, body: { until } }) => {
      await muteIncident(pool, id, until ?? 'open');
      outboxChanged();
      return presentWhole(await readIncident(pool, id));
    },
  );
}

function addResolve(app: ZodApp, { engine: { pool, outboxChanged } }: ApiDeps): void {
  app.post(
    '/v1/incidents/:id/resolve',
    {
      config,
      schema: {
        tags,
        summary: 'End an incident',
        description: 'Those who were told of it are told that it is over. It may be raised again.',
        params: incidentParams,
        body: emptyBody,
        response: { 200: incidentAnswer },
      },
    },
    async ({ params: { id } }) => {
      await resolveIncident(pool, id);
      outboxChanged();
      return presentWhole(await readIncident(pool, id));
    },
  );
}

function present(incident: Incident) {
  return {
    ...incident,
    id: incident.id.toString(),
    openedAt: toTime(incident.openedAt),
    raisedAt: toTime(incident.raisedAt),
    verifiedAt: toTimeOrNull(incident.verifiedAt),
    healedAt: toTimeOrNull(incident.healedAt),
    mutedUntil: toTimeOrNull(incident.mutedUntil),
    toldAt: toTimeOrNull(incident.toldAt),
  };
}

function presentWhole(incident: WholeIncident) {
  return {
    ...present(incident),
    details: incident.details,
    orderIds: incident.orderIds.map(String),
    told: incident.told.map((notice) => ({ ...notice, at: toTime(notice.at) })),
  };
}
