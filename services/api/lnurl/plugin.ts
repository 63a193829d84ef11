import { createHash } from 'node:crypto';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MSAT_PER_SAT, satsToMsat } from '../../../domain/money.js';
import { isStorable } from '../../../domain/storable.js';
import { Refusal } from '../../../domain/refusal.js';
import { findAccount, type Account } from '../../../engine/accounts/accounts.js';
import { originOf } from '../../../engine/accounts/origin.js';
import { cancelAction } from '../../../engine/actions/cancel.js';
import type { Opened } from '../../../engine/actions/contract.js';
import { openAction } from '../../../engine/actions/open.js';
import {
  MAX_COMMENT,
  MAX_PAYER_DATA,
  MAX_PROXY_SATS,
  MAX_ZAP_REQUEST,
  MIN_PROXY_SATS,
  proxyPayment,
} from '../../../engine/actions/types/proxy-payment.js';
import { nostrPubkey } from '../../../engine/nostr-key.js';
import { hasWallet } from '../../../engine/payouts/payee-wallets.js';
import type { ApiDeps } from '../deps.js';
import { LnurlError } from './error.js';
import { PAYER_DATA, refusePayerData, refuseZapRequest } from './payer.js';

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

const callbackQuery = z.object({
  amount: z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform(BigInt),
  comment: z.string().max(MAX_COMMENT).refine(isStorable).default(''),
  payerdata: z.string().max(MAX_PAYER_DATA).refine(isStorable).optional(),
  nostr: z.string().max(MAX_ZAP_REQUEST).refine(isStorable).optional(),
});

interface Named {
  readonly Params: { readonly name: string };
}

/**
 * LNURL-pay (LUD-06, LUD-16): a payment to the name of an account, at once to its wallet. What is refused is answered in the words of that
 * protocol. A name that does not exist and one without a wallet look alike.
 */
export function lnurlPlugin(deps: ApiDeps): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get<Named>('/.well-known/lnurlp/:name', (request, reply) =>
      answering(reply, async () => {
        const { name } = await payeeOf(deps, request.params.name);
        return {
          tag: 'payRequest',
          callback: `${request.protocol}://${request.host}/lnurlp/${name}/callback`,
          minSendable: Number(satsToMsat(BigInt(MIN_PROXY_SATS))),
          maxSendable: Number(satsToMsat(BigInt(MAX_PROXY_SATS))),
          metadata: metadataOf(request, name),
          commentAllowed: MAX_COMMENT,
          payerData: PAYER_DATA,
          allowsNostr: true,
          nostrPubkey: nostrPubkey(deps.engine.secret),
        };
      }),
    );
    app.get<Named>('/lnurlp/:name/callback', (request, reply) =>
      answering(reply, async () => {
        const payee = await payeeOf(deps, request.params.name);
        const opened = await open(deps, request, payee);
        return { pr: await invoiceOf(deps, opened), routes: [], disposable: true };
      }),
    );
    done();
  };
}

async function answering(
  reply: FastifyReply,
  answer: () => Promise<object>,
): Promise<FastifyReply> {
  void reply.header('cache-control', 'no-store');
  try {
    return await reply.send(await answer());
  } catch (error) {
    if (error instanceof LnurlError) {
      return reply.send({ status: 'ERROR', reason: error.message });
    }
    if (error instanceof Refusal) {
      return reply.code(error.status).send({ status: 'ERROR', reason: error.detail });
    }
    throw error;
  }
}

async function payeeOf({ reads }: ApiDeps, name: string): Promise<Account> {
  const account = NAME.test(name) ? await findAccount(reads, name).catch(unlessUnknown) : undefined;
  if (account?.role !== 'user' || !(await hasWallet(reads, account.id))) {
    throw new Refusal('account.not_found', 'nobody can be paid by this name');
  }
  return account;
}

function unlessUnknown(error: unknown): undefined {
  if (error instanceof Refusal) return undefined;
  throw error;
}

/** What the payer is shown; its hash is in the invoice. */
function metadataOf({ host }: FastifyRequest, name: string): string {
  return JSON.stringify([
    ['text/plain', `Payment to ${name}@${host}`],
    ['text/identifier', `${name}@${host}`],
  ]);
}

function open(deps: ApiDeps, request: FastifyRequest, payee: Account): Promise<Opened> {
  const query = callbackQuery.safeParse(request.query);
  if (!query.success || query.data.amount % MSAT_PER_SAT !== 0n) {
    throw new LnurlError('amount must be whole sats, in msat, and comment a text of its length');
  }
  const sats = Number(query.data.amount / MSAT_PER_SAT);
  if (sats < MIN_PROXY_SATS || sats > MAX_PROXY_SATS) {
    throw new LnurlError(`amount must be from ${MIN_PROXY_SATS} to ${MAX_PROXY_SATS} sats`);
  }
  const { payerdata: payerData, nostr: zapRequest } = query.data;
  if (payerData !== undefined) refusePayerData(payerData);
  if (zapRequest !== undefined) refuseZapRequest(zapRequest, query.data.amount);
  // LUD-18: what the payer says is hashed behind what it was shown. NIP-57: of a zap the request alone.
  const shown = zapRequest ?? `${metadataOf(request, payee.name)}${payerData ?? ''}`;
  const descriptionHash = createHash('sha256').update(shown).digest('hex');
  const { engine } = deps;
  return openAction(engine, {
    ...{ type: proxyPayment.name, payment: 'invoice', door: true },
    args: {
      ...{ payee: payee.id, sats, comment: query.data.comment, descriptionHash },
      ...(payerData === undefined ? {} : { payerData }),
      ...(zapRequest === undefined ? {} : { zapRequest }),
    },
    ...{ caller: { kind: 'anonymous' }, origin: originOf(engine.secret, request.ip) },
  });
}

/** An invoice that nobody was shown is not waited for. */
async function invoiceOf({ engine }: ApiDeps, { view, capability }: Opened): Promise<string> {
  const bolt11 = view.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 === 'string') return bolt11;
  if (view.state !== 'FAILED') {
    const caller = {
      kind: 'anonymous',
      ...(capability === undefined ? {} : { capability }),
    } as const;
    await cancelAction(engine, { actionId: view.id, caller }).catch(unlessUnknown);
  }
  throw new LnurlError('no wallet of the payee answers: try again later');
}
