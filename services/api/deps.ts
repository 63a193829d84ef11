import type { Engine } from '../../activities/engine.js';
import type { Gate } from '../../domain/credits/gate.js';
import type { Logger } from '../shared/logger.js';
import type { OpsRoutes } from '../shared/ops-routes.js';

/** What the API is built from. */
export interface ApiDeps {
  readonly engine: Engine;
  readonly logger: Logger;
  /** /healthz, /readyz, /metrics. */
  readonly opsRoutes: OpsRoutes;
  /** Whose messages change ledger `aleph`; nobody's when left out. */
  readonly creditGate?: Gate;
  /** How long a token that was revoked by another process may still be taken; default 5 s. */
  readonly tokenCacheMs?: number;
}
