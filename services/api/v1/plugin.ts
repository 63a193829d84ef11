import type { FastifyPluginCallback } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { checkAccess } from './access.js';
import { readIdempotencyKeys } from './idempotency.js';
import type { ApiDeps } from '../deps.js';
import { parseExactJsonOnly, parseJsonOnly } from './json-body.js';
import { addAccountRoutes } from './routes/accounts.js';
import { addActionRoutes } from './routes/actions.js';
import { addAttemptRoutes } from './routes/attempts.js';
import { addChannelRoutes } from './routes/channels.js';
import { addClaimRoutes } from './routes/claims.js';
import { addCreditLedgerRoutes } from './routes/credit-ledgers.js';
import { addCreditMessages } from './routes/credit-messages.js';
import { addCreditRoutes } from './routes/credits.js';
import { addIncidentRoutes } from './routes/incidents.js';
import { addInviteRoutes } from './routes/invites.js';
import { addItemRoutes } from './routes/items.js';
import { addOperatorRoutes } from './routes/operator.js';
import { addPaymentRoutes } from './routes/payments.js';
import { addPeopleRoutes } from './routes/people.js';
import { addRewardRoutes } from './routes/rewards.js';
import { addSignUpRoutes } from './routes/sign-up.js';
import { addTerritoryRoutes } from './routes/territories.js';
import { addUploadRoutes } from './routes/uploads.js';
import { addWalletRoutes } from './routes/wallets.js';
import { addWithdrawalRoutes } from './routes/withdrawals.js';
import { addThresholdRoutes } from './routes/thresholds.js';
import { addStoreRoutes } from './routes/stores.js';
import { TokenCache } from './token-cache.js';

/** Our own API, /v1: JSON requests and answers, both checked by schemas. */
export function v1(deps: ApiDeps): FastifyPluginCallback {
  const tokens = new TokenCache(deps.tokenCacheMs);
  return (app, _options, done) => {
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    parseJsonOnly(app);
    checkAccess(app, deps, tokens);
    readIdempotencyKeys(app);
    app.addHook('onRequest', (_request, reply, next) => {
      void reply.header('cache-control', 'no-store');
      next();
    });
    const api = app.withTypeProvider<ZodTypeProvider>();
    addAccountRoutes(api, deps, tokens);
    addCreditRoutes(api, deps);
    addCreditLedgerRoutes(api, deps);
    addActionRoutes(api, deps);
    addAttemptRoutes(api, deps);
    addClaimRoutes(api, deps);
    addItemRoutes(api, deps);
    addIncidentRoutes(api, deps);
    addChannelRoutes(api, deps);
    addOperatorRoutes(api, deps);
    addPaymentRoutes(api, deps);
    addWalletRoutes(api, deps);
    addWithdrawalRoutes(api, deps);
    addThresholdRoutes(api, deps);
    addTerritoryRoutes(api, deps);
    addInviteRoutes(api, deps);
    addRewardRoutes(api, deps);
    addPeopleRoutes(api, deps);
    addSignUpRoutes(api, deps);
    void app.register((uploads, _uploadOptions, registered) => {
      addUploadRoutes(uploads.withTypeProvider<ZodTypeProvider>(), deps);
      registered();
    });
    if (deps.intake !== undefined) addStoreRoutes(api, deps, deps.intake);
    void app.register((exact, _exactOptions, registered) => {
      parseExactJsonOnly(exact);
      addCreditMessages(exact.withTypeProvider<ZodTypeProvider>(), deps);
      registered();
    });
    done();
  };
}
