import type { Pool } from 'pg';
import type { EngineContext } from '../../engine/context.js';
import type { WebhookContext } from '../../engine/webhooks/context.js';
import type { IntakeContext } from '../../engine/intake/context.js';
import type { GrantCaps } from '../../engine/credits/grant-caps.js';
import type { MessagePolicy } from '../../domain/credits/authorization.js';
import type { RequestMetrics } from './metrics.js';
import type { PlaceLimits, Places } from './places.js';
import type { SlowestRequest } from './slow.js';
import type { Logger } from '../shared/logger.js';
import type { ChangeFeed } from './events/change-feed.js';
import type { EventFeed } from './satellite/event-feed.js';
import type { SatelliteSettings } from './satellite/settings.js';
import type { StreamsView } from './pages/ops/streams-view.js';
import type { PageSettings } from './pages/settings.js';
import type { OpsRoutes } from '../shared/ops-routes.js';

/** What the API needs to run. */
export interface ApiDeps {
  readonly engine: EngineContext;
  /** What GET requests read from: a lock that holds up `engine.pool` leaves them alone. */
  readonly reads: Pool;
  /** Left out: its tokens are of the master secret, and its guarded routes are closed. */
  readonly satellite?: SatelliteSettings;
  /** Left out: /subscribe is not served. */
  readonly events?: EventFeed;
  /** Between comments on event streams. */
  readonly keepaliveMs?: number;
  /** Of event streams of every kind; any number when left out. */
  readonly streamPlaces?: Places;
  /** Left out: streams of states are refreshed, but not told of changes. */
  readonly changes?: ChangeFeed;
  /** Of the server's key for push services; pushes are not offered when left out. */
  readonly pushPublicKey?: string;
  /** How often streams of states are refreshed. */
  readonly refreshMs?: number;
  /** Left out: no store is served. */
  readonly intake?: IntakeContext;
  /** Left out: no webhooks. */
  readonly webhooks?: WebhookContext;
  readonly logger: Logger;
  /** Where requests are counted; nowhere when left out. */
  readonly metrics?: RequestMetrics;
  /** Of health; served on the API's own port. */
  readonly opsRoutes: OpsRoutes;
  /** Whose X-Forwarded-For is believed; nobody's when left out. */
  readonly trustedProxies?: readonly string[];
  /** Origins whose pages may call /v1, or `*`; none when left out. */
  readonly corsOrigins?: readonly string[];
  /** Whether /docs and /openapi.json are served; default true. */
  readonly docs?: boolean;
  /** What operators see of NATS on their page; nothing when left out. */
  readonly streams?: StreamsView;
  /** Left out: no pages are served. */
  readonly pages?: PageSettings;
  /** How long a request may take to arrive. */
  readonly slowest?: SlowestRequest;
  /** Whose messages may change ledger `aleph`; nobody's when left out. */
  readonly creditPolicy?: MessagePolicy;
  /** Tokens that are not valid, per minute and network; any number when left out. */
  readonly badTokensPerMinute?: number;
  /** What operators may grant; anything, alone, when left out. */
  readonly grantCaps?: GrantCaps;
  /** Whether a caller's own trace goes on here; default `ignored`. */
  readonly traceCallers?: 'followed' | 'ignored';
  /** Connections at once; any number when left out. */
  readonly connections?: PlaceLimits;
  /** How long a token revoked by another process may still be accepted; default 5 s. */
  readonly tokenCacheMs?: number;
}
