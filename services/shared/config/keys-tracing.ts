import { z } from 'zod';
import { optional, withDefault } from './key.js';
import { headerList, httpUrl, share } from './values.js';

/** OpenTelemetry. docs/production.md says what is traced. */
export const tracingKeys = {
  QUITTANCE_OTLP_ENDPOINT: optional(httpUrl, {
    description:
      'The OpenTelemetry collector that traces are sent to, by OTLP over HTTP, like http://collector:4318; /v1/traces is appended. Not set: nothing is traced.',
    url: true,
  }),
  QUITTANCE_OTLP_HEADERS: optional(headerList, {
    description: 'Headers for it, like authorization=Bearer x, separated by commas.',
    secret: true,
  }),
  QUITTANCE_TRACE_SHARE: withDefault(share, '0.1', {
    description:
      'Which share of requests is traced, 0 to 1. What follows from a request is traced with it.',
  }),
  QUITTANCE_TRACE_CALLERS: withDefault(z.enum(['followed', 'ignored']), 'ignored', {
    description:
      'Whether a traceparent that a caller of the API sends is followed: where it is recorded, its trace goes on here. Only where callers are trusted.',
  }),
};
