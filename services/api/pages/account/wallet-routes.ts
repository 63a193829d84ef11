import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { WALLET_KINDS } from '../../../../adapters/lightning/wallets/port.js';
import { Refusal } from '../../../../domain/refusal.js';
import { satsToMsat } from '../../../../domain/money.js';
import { readSats } from '../../../../engine/accounts/accounts.js';
import { listWithdrawals } from '../../../../engine/actions/list-actions.js';
import { openWithdrawal } from '../../../../engine/actions/outgoing/open-withdrawal.js';
import { transact } from '../../../../engine/context.js';
import {
  readAutoWithdrawal,
  setAutoWithdrawal,
} from '../../../../engine/payouts/auto-withdrawals.js';
import { listWallets, setWallet } from '../../../../engine/payouts/payee-wallets.js';
import { refuseSpending } from '../../../../engine/payouts/refuse-spending.js';
import { accountOf } from '../../v1/access.js';
import { type PagesContext, viewFor } from '../context.js';
import { type Form, formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { sendPage } from '../send.js';
import { formIdempotency } from '../session/visitor.js';
import { to } from '../view.js';
import { WalletsPage, WithdrawalsPage } from './wallets-page.js';

const options = { config: { access: 'account' }, schema: { hide: true } } as const;
const MAX_PENDING = 25;
const WITHDRAWALS_SHOWN = 30;

const walletForm = z.object({
  kind: z.enum(WALLET_KINDS),
  address: z.string().regex(/^[!-~]{1,2000}$/, 'an address has no spaces'),
  priority: z.coerce.number().int().min(-1000).max(1000),
});

/** Where sats come in and go out. */
export function addWalletRoutes(app: FastifyInstance, context: PagesContext): void {
  addWallets(app, context);
  addWithdrawals(app, context);
}

function addWallets(app: FastifyInstance, context: PagesContext): void {
  const { engine, reads } = context.deps;
  const show = async (request: FastifyRequest, reply: FastifyReply, refusal?: Refusal) => {
    const wallets = await listWallets(reads, engine, accountOf(request).id);
    const view = viewFor(context, request);
    const props = { view, wallets, ...(refusal === undefined ? {} : { refusal }) };
    return sendPage(reply, WalletsPage(props), refusal?.status);
  };
  app.get('/wallets', options, (request, reply) => show(request, reply));
  app.post('/wallets', options, async (request, reply) => {
    const form = formOf(request.body);
    try {
      const [kind, address] = [form.text('kind'), form.text('address')];
      const wallet = parsed(walletForm, { kind, address, priority: form.text('priority') });
      const terms = { enabled: form.has('enabled'), maxPending: MAX_PENDING };
      await refuseSpending(engine, wallet);
      const { id: owner } = accountOf(request);
      await transact(engine, (tx) => setWallet(tx, engine, owner, { ...wallet, ...terms }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return show(request, reply, error);
    }
    return reply.code(303).header('location', to(context.settings, '/wallets')).send();
  });
}

function addWithdrawals(app: FastifyInstance, context: PagesContext): void {
  const { engine, reads } = context.deps;
  const show = async (request: FastifyRequest, reply: FastifyReply, refusal?: Refusal) => {
    const { id } = accountOf(request);
    const [satsMsat, auto, withdrawals] = await Promise.all([
      readSats(reads, id),
      readAutoWithdrawal(reads, id),
      listWithdrawals(reads, id, WITHDRAWALS_SHOWN),
    ]);
    const view = viewFor(context, request);
    const props = {
      view,
      satsMsat,
      auto,
      withdrawals,
      ...(refusal === undefined ? {} : { refusal }),
    };
    return sendPage(reply, WithdrawalsPage(props), refusal?.status);
  };
  app.get('/withdrawals', options, (request, reply) => show(request, reply));
  app.post('/withdrawals', options, async (request, reply) => {
    const form = formOf(request.body);
    try {
      const { view } = await openWithdrawal(engine, {
        ...{ bolt11: form.text('bolt11'), caller: accountOf(request) },
        ...amountIn(form),
        ...formIdempotency(request, form),
      });
      const path = `/actions/${view.id}`;
      return await reply.code(303).header('location', to(context.settings, path)).send();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return show(request, reply, error);
    }
  });
  app.post('/withdrawals/auto', options, async (request, reply) => {
    const sats = formOf(request.body).text('thresholdSats');
    const thresholdMsat = sats === '' ? null : satsToMsat(BigInt(parsed(wholeSats, sats)));
    await transact(engine, (tx) => setAutoWithdrawal(tx, accountOf(request).id, thresholdMsat));
    return reply.code(303).header('location', to(context.settings, '/withdrawals')).send();
  });
}

const wholeSats = z.string().regex(/^\d{1,12}$/, 'sats are whole');

function amountIn(form: Form) {
  const sats = form.text('amountSats');
  return sats === '' ? {} : { amountMsat: satsToMsat(BigInt(parsed(wholeSats, sats))) };
}
