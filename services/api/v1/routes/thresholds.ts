import type { z } from 'zod';
import type { ZodApp } from '../../zod-app.js';
import { changeThresholdSettings } from '../../../../engine/intake/thresholds/change-settings.js';
import { Refusal } from '../../../../domain/refusal.js';
import {
  readCurrentThresholds,
  readThresholdVersions,
  type ThresholdView,
} from '../../../../engine/intake/thresholds/read-versions.js';
import type { ApiDeps } from '../../deps.js';
import { pageOf } from '../wire/page.js';
import {
  openingHoursAnswer,
  openingHoursBody,
  thresholdsAnswer,
  thresholdsParams,
  thresholdsQuery,
} from '../wire/thresholds.js';
import { toTime } from '../wire/values.js';

const tags = ['stores'];

export function addThresholdRoutes(app: ZodApp, deps: ApiDeps): void {
  addThresholds(app, deps);
  addOpeningHours(app, deps);
}

function addOpeningHours(app: ZodApp, { engine: { pool } }: ApiDeps): void {
  app.put(
    '/v1/stores/:store/opening-hours',
    {
      config: { access: 'stores', refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'Say when a store handles its orders, and how many false alarms are accepted',
        params: thresholdsParams,
        body: openingHoursBody,
        response: { 200: openingHoursAnswer },
      },
    },
    async ({ params: { store }, body }) => {
      await changeThresholdSettings(pool, store, body);
      return body;
    },
  );
}

function addThresholds(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/stores/:store/thresholds',
    {
      config: { access: 'read', audited: false, refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'Show how long orders may stay in a status, and what that was learned from',
        params: thresholdsParams,
        querystring: thresholdsQuery,
        response: { 200: thresholdsAnswer },
      },
    },
    async ({ params: { store }, query: { cursor, limit } }) => {
      const current = await readCurrentThresholds(pool, store);
      if (current === undefined) throw new Refusal('store.not_found', `there is no store ${store}`);
      const rows = await readThresholdVersions(pool, store, cursor?.[0], limit + 1);
      const page = pageOf(rows, limit, ({ version }) => [version.toString()], present);
      return {
        current: current.map(present),
        versions: [...page.entries],
        nextCursor: page.nextCursor,
      };
    },
  );
}

function present(row: ThresholdView): z.input<typeof thresholdsAnswer>['current'][number] {
  return { ...row, version: row.version.toString(), madeAt: toTime(row.madeAt) };
}
