import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { ensureOperatorToken } from '../../engine/accounts/operator-token.js';
import { newToken } from '../../engine/accounts/tokens.js';
import type { EngineContext } from '../../engine/context.js';
import { derivedStoreKeys } from '../../engine/stored-secrets.js';
import type { PayeeWallets } from '../../adapters/lightning/wallets/port.js';
import type { GrantCaps } from '../../engine/credits/grant-caps.js';
import { createNotifier } from '../../db/notifier.js';
import type { MessagePolicy } from '../../domain/credits/authorization.js';
import { createPool } from '../../db/pool.js';
import type { PlaceLimits } from '../../services/api/places.js';
import type { ApiDeps } from '../../services/api/deps.js';
import type { ChangeFeed } from '../../services/api/events/change-feed.js';
import { buildApi } from '../../services/api/server.js';
import type { StreamsView } from '../../services/api/pages/ops/streams-view.js';
import type { PageSettings } from '../../services/api/pages/settings.js';
import type { SlowestRequest } from '../../services/api/slow.js';
import { createWebhookContext } from '../../services/shared/webhook-context.js';
import { createIntakeContext } from '../../services/shared/intake-context.js';
import type { Logger } from '../../services/shared/logger.js';
import { migratedDatabase } from './empty-database.js';
import { ENGINE_SETTINGS } from './engine-settings.js';
import { type SimulatorForTests, startSimulator } from './lightning.js';

export interface ApiForTests {
  readonly app: FastifyInstance;
  /** Address of the API, like http://127.0.0.1:41234. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly engine: EngineContext;
  readonly simulator: SimulatorForTests;
  /** Token of the account `operator`. */
  readonly operatorToken: string;
  /** Stops everything that was started here and drops the database if it was created here. */
  close(): Promise<void>;
}

export interface ApiForTestsOptions {
  /** A database with the migrations applied. Default: a new one. */
  readonly databaseUrl?: string;
  readonly timers?: Partial<EngineContext['timers']>;
  readonly limits?: Partial<EngineContext['limits']>;
  readonly logger?: Logger;
  /** Default: nobody is paid to a wallet. */
  readonly wallets?: PayeeWallets;
  readonly creditPolicy?: MessagePolicy;
  readonly corsOrigins?: readonly string[];
  readonly slowest?: SlowestRequest;
  readonly badTokensPerMinute?: number;
  readonly grantCaps?: GrantCaps;
  readonly connections?: PlaceLimits;
  /** What is followed of changes; default nothing. */
  readonly changes?: ChangeFeed;
  readonly eventStreams?: Pick<ApiDeps, 'events' | 'keepaliveMs' | 'refreshMs' | 'streamPlaces'>;
  readonly pushPublicKey?: string;
  /** What operators see of NATS on their page; default: nothing. */
  readonly streams?: StreamsView;
  /** Default: no pages. */
  readonly pages?: PageSettings;
  /** Default 0: every request reads its token from the database. */
  readonly tokenCacheMs?: number;
}

/** Runs the API in this process on a free port, with a simulated node, without worker and relay. */
export async function startApi(options: ApiForTestsOptions = {}): Promise<ApiForTests> {
  const database = options.databaseUrl === undefined ? await newDatabase() : undefined;
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const simulator = await startSimulator({ databaseUrl });
  const pool = createPool({
    connectionString: databaseUrl,
    max: 24,
    applicationName: 'api-for-tests',
    onError: () => undefined,
  });
  const secret = randomBytes(32).toString('hex');
  const engine: EngineContext = {
    pool,
    node: simulator.node,
    ...ENGINE_SETTINGS,
    ...(options.wallets === undefined ? {} : { wallets: options.wallets }),
    timers: { ...ENGINE_SETTINGS.timers, ...options.timers },
    limits: { ...ENGINE_SETTINGS.limits, ...options.limits },
    ...{ secret, storeKeys: derivedStoreKeys(secret) },
    outboxChanged: createNotifier(pool, () => undefined),
  };
  const operatorToken = newToken();
  await ensureOperatorToken(pool, operatorToken);
  const { tokenCacheMs = 0, logger = pino({ level: 'silent' }) } = options;
  const { creditPolicy, corsOrigins, slowest, badTokensPerMinute, grantCaps, connections } =
    options;
  const { pages, streams } = options;
  const intake = createIntakeContext(
    { secret: engine.secret, storeKey: undefined, apiUrl: 'http://127.0.0.1:8420' },
    { pool, outboxChanged: engine.outboxChanged },
  );
  const webhooks = createWebhookContext(
    { secret: engine.secret, storeKey: undefined, webhookNetworks: ['127.0.0.0/8'] },
    pool,
  );
  const app = buildApi({
    ...{ engine, intake, webhooks, reads: pool, logger, opsRoutes: {}, tokenCacheMs },
    ...(creditPolicy === undefined ? {} : { creditPolicy }),
    ...(corsOrigins === undefined ? {} : { corsOrigins }),
    ...(slowest === undefined ? {} : { slowest }),
    ...(badTokensPerMinute === undefined ? {} : { badTokensPerMinute }),
    ...(grantCaps === undefined ? {} : { grantCaps }),
    ...(connections === undefined ? {} : { connections }),
    ...(options.changes === undefined ? {} : { changes: options.changes }),
    ...(options.pushPublicKey === undefined ? {} : { pushPublicKey: options.pushPublicKey }),
    ...options.eventStreams,
    ...(pages === undefined ? {} : { pages }),
    ...(streams === undefined ? {} : { streams }),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const close = async (): Promise<void> => {
    await app.close();
    await simulator.stop();
    await pool.end();
    await database?.drop();
  };
  return { app, url, databaseUrl, pool, engine, simulator, operatorToken, close };
}

async function newDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const database = await migratedDatabase();
  return database;
}
