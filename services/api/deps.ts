import type { EngineContext } from '../../engine/context.js';
import type { MessagePolicy } from '../../domain/credits/authorization.js';
import type { Logger } from '../shared/logger.js';
import type { OpsRoutes } from '../shared/ops-routes.js';

/** What the API is built from. */
export interface ApiDeps {
  readonly engine: EngineContext;
  readonly logger: Logger;
  /** /healthz, /readyz, /metrics. */
  readonly opsRoutes: OpsRoutes;
  /** Senders whose messages change ledger `aleph`; none when left out. */
  readonly creditPolicy?: MessagePolicy;
  /** How long a token that was revoked by another process may still be taken; default 5 s. */
  readonly tokenCacheMs?: number;
}
