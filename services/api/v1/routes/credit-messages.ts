import { submitMessage } from '../../../../engine/credits/submit-message.js';
import type { MessagePolicy } from '../../../../domain/credits/authorization.js';
import { MESSAGE_TYPES } from '../../../../domain/credits/messages.js';
import { isoOfUs } from '../../../../domain/credits/time.js';
import { Refusal } from '../../../../domain/refusal.js';
import type { ApiDeps } from '../../deps.js';
import { messageAnswer, messageBody } from '../wire/credits.js';
import type { ZodApp } from '../../zod-app.js';

/** Used when no issuers are configured. */
const NO_ISSUERS: MessagePolicy = { issuers: [], channels: ['ALEPH_CREDIT'] };

/** Messages of ledger `aleph`. The caller, an operator, has checked their signatures. The hash makes them idempotent. */
export function addCreditMessages(
  app: ZodApp,
  { engine, creditPolicy = NO_ISSUERS }: ApiDeps,
): void {
  app.post(
    '/v1/credits/messages',
    {
      config: {
        access: 'credits',
        refusals: [
          'credits.invalid_message',
          'credits.empty_list',
          'credits.blank_address',
          'credits.amount_not_positive_int',
          'credits.amount_too_large',
          'credits.duplicate_recipients',
          'credits.self_transfer',
          'credits.expiry_past',
          'credits.insufficient_balance',
          'credits.would_uncover',
          'credits.ref_taken',
        ],
      },
      schema: {
        tags: ['credits'],
        summary: 'Apply a credit message: aleph_credit_distribution, _expense or _transfer',
        description:
          'The outcome is `confirmed` when the hash was applied before, and `accepted_without_effect` when its sender or channel may not change credits.',
        body: messageBody,
        response: { 200: messageAnswer },
      },
    },
    async ({ body }) => {
      const { hash, type, sender, channel, at, content } = body;
      const kind = MESSAGE_TYPES[type];
      if (kind === undefined) throw new Refusal('request.invalid', 'the type is unknown');
      const message = { kind, sender, channel, ref: hash, atUs: at, content };
      const { outcome, rows } = await submitMessage(engine.pool, creditPolicy, message);
      engine.outboxChanged();
      return {
        hash,
        outcome,
        entries: rows.map(({ address, index, amount, expiresUs }) => ({
          ...{ address, creditIndex: index, amount: amount.toString() },
          expiresAt: expiresUs === null ? null : isoOfUs(expiresUs),
        })),
      };
    },
  );
}
