import { z } from 'zod';
import { optional, withDefault } from './key.js';
import { httpUrl, millis } from './values.js';

/** The pages that people use, served by the API process. */
export const pageKeys = {
  QUITTANCE_PAGES: withDefault(z.enum(['on', 'off']), 'on', {
    description: 'Whether the API serves pages for people beside /v1.',
  }),
  QUITTANCE_PAGES_BASE: withDefault(
    z.string().regex(/^\/([a-z0-9_-]+(\/[a-z0-9_-]+)*)?$/, 'must be a path like / or /forum'),
    '/',
    {
      description:
        'The path at which the pages begin. A proxy in front must leave it in the address.',
    },
  ),
  QUITTANCE_PAGES_EVENTS_MS: withDefault(millis, '2000', {
    description:
      'How often the states behind all open payment pages are read, for what nothing has told; nothing is read while none is open.',
    unit: 'milliseconds',
  }),
  QUITTANCE_TEMPORAL_UI: optional(httpUrl, {
    description:
      'Where Temporal’s UI answers, like http://127.0.0.1:8233: pages of operators link to workflows there.',
    url: true,
  }),
};
