import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { checkAccess } from './access.js';
import { auditStaff } from './audited.js';
import { BadTokens } from '../../shared/bad-tokens.js';
import { readIdempotencyKeys } from './idempotency.js';
import type { ApiDeps } from '../deps.js';
import type { ZodApp } from '../zod-app.js';
import { ChangeFeed } from '../events/change-feed.js';
import { StateStreams } from '../events/state-streams.js';
import { parseExactJsonOnly, parseJsonOnly } from './json-body.js';
import { addAccountRoutes } from './routes/accounts.js';
import { addActionRoutes } from './routes/actions.js';
import { addAttemptRoutes } from './routes/attempts.js';
import { addChannelRoutes } from './routes/channels.js';
import { addClaimRoutes } from './routes/claims.js';
import { addCommentRoutes } from './routes/comments.js';
import { addCreditLedgerRoutes } from './routes/credit-ledgers.js';
import { addCreditMessages } from './routes/credit-messages.js';
import { addCreditRoutes } from './routes/credits.js';
import { addIncidentRoutes } from './routes/incidents.js';
import { addInviteRoutes } from './routes/invites.js';
import { addEventRoutes } from './routes/events.js';
import { addPushRoutes } from './routes/push.js';
import { addNoticeRoutes } from './routes/notices.js';
import { addItemRoutes } from './routes/items.js';
import { addGrantRoutes } from './routes/grants.js';
import { addOperatorRoutes } from './routes/operator.js';
import { addOperatorActions } from './routes/operator-actions.js';
import { addStaffRoutes } from './routes/staff.js';
import { addTokenRoutes } from './routes/tokens.js';
import { addPaymentRoutes } from './routes/payments.js';
import { addStartTokenRoutes } from './routes/start-tokens.js';
import { addStatementRoute } from './routes/statement.js';
import { addTransmissionChanges } from './routes/transmission-changes.js';
import { addTransmissionRoutes } from './routes/transmissions.js';
import { addPeopleRoutes } from './routes/people.js';
import { addRewardRoutes } from './routes/rewards.js';
import { addSignUpRoutes } from './routes/sign-up.js';
import { addTerritoryRoutes } from './routes/territories.js';
import { addUploadRoutes } from './routes/uploads.js';
import { addWebhookRoutes } from './routes/webhooks.js';
import { addWalletRoutes } from './routes/wallets.js';
import { addWithdrawalRoutes } from './routes/withdrawals.js';
import { addThresholdRoutes } from './routes/thresholds.js';
import { addParticipantRoutes } from './routes/participants.js';
import { addStoreCareRoutes } from './routes/store-care.js';
import { addStoreDataRoutes } from './routes/store-data.js';
import { addStoreRoutes } from './routes/stores.js';
import { TokenCache } from './token-cache.js';

/** Our own API, /v1: JSON requests and answers, both checked by schemas. */
export function v1(deps: ApiDeps): FastifyPluginCallback {
  const tokens = new TokenCache(deps.tokenCacheMs);
  return (app, _options, done) => {
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    parseJsonOnly(app);
    checkAccess(app, deps, tokens, new BadTokens(deps.badTokensPerMinute ?? 0));
    readIdempotencyKeys(app);
    auditStaff(app, deps);
    forbidCaching(app);
    const api = app.withTypeProvider<ZodTypeProvider>();
    addAccountRoutes(api, deps, tokens);
    addCreditRoutes(api, deps);
    addCreditLedgerRoutes(api, deps);
    addActionRoutes(api, deps);
    addStartTokenRoutes(api, deps);
    addAttemptRoutes(api, deps);
    addClaimRoutes(api, deps);
    addItemRoutes(api, deps);
    addCommentRoutes(api, deps);
    addStatementRoute(api, deps);
    addTellingRoutes(api, deps, tokens);
    addIncidentRoutes(api, deps);
    addChannelRoutes(api, deps);
    addOperatorRoutes(api, deps);
    addOperatorActions(api, deps);
    addStaffRoutes(api, deps, tokens);
    addTokenRoutes(api, deps, tokens);
    addGrantRoutes(api, deps);
    addPaymentRoutes(api, deps);
    addTransmissionRoutes(api, deps);
    addTransmissionChanges(api, deps);
    addWalletRoutes(api, deps);
    addWithdrawalRoutes(api, deps);
    addThresholdRoutes(api, deps);
    addIntakeRoutes(api, deps);
    addWebhookRoutes(api, deps);
    addTerritoryRoutes(api, deps);
    addInviteRoutes(api, deps);
    addRewardRoutes(api, deps);
    addPeopleRoutes(api, deps);
    addSignUpRoutes(api, deps);
    void app.register((uploads, _uploadOptions, registered) => {
      addUploadRoutes(uploads.withTypeProvider<ZodTypeProvider>(), deps);
      registered();
    });
    void app.register((exact, _exactOptions, registered) => {
      parseExactJsonOnly(exact);
      addCreditMessages(exact.withTypeProvider<ZodTypeProvider>(), deps);
      registered();
    });
    done();
  };
}

function streamsOf({
  changes,
  logger,
  keepaliveMs,
  streamPlaces,
  refreshMs,
}: ApiDeps): StateStreams {
  return new StateStreams({
    ...{ feed: changes ?? new ChangeFeed(), logger },
    ...(keepaliveMs === undefined ? {} : { keepaliveMs }),
    ...(streamPlaces === undefined ? {} : { places: streamPlaces }),
    ...(refreshMs === undefined ? {} : { refreshMs }),
  });
}

/** Notices, and the ways by which people learn that something has changed. */
function addTellingRoutes(api: ZodApp, deps: ApiDeps, tokens: TokenCache): void {
  addNoticeRoutes(api, deps);
  addPushRoutes(api, deps);
  addEventRoutes(api, deps, tokens, streamsOf(deps));
}

function forbidCaching(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, next) => {
    void reply.header('cache-control', 'no-store');
    next();
  });
}

function addIntakeRoutes(api: ZodApp, deps: ApiDeps): void {
  const { intake } = deps;
  if (intake === undefined) return;
  addStoreRoutes(api, deps, intake);
  addStoreCareRoutes(api, intake);
  addStoreDataRoutes(api, deps, intake);
  addParticipantRoutes(api, deps, intake);
}
