import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../../../domain/refusal.js';
import { readCredits, readSats } from '../../../../engine/accounts/accounts.js';
import { quoteAction } from '../../../../engine/actions/quote.js';
import { openFrom } from '../actions/open-from.js';
import { type PagesContext, viewFor } from '../context.js';
import { Form, formOf } from '../http/form.js';
import { goToAction } from '../pay/routes.js';
import { sendPage } from '../send.js';
import { type ActionForm, FORMS } from './catalog.js';
import { argsOf } from './fields.js';
import { ChoicePage, type Cost, FormPage } from './form-page.js';

const params = z.object({ form: z.string() });
const options = { config: { access: 'anyone', audited: false }, schema: { hide: true } } as const;

/** A form of each type of action: first its cost is shown, then it is opened at that cost at most. */
export function addFormRoutes(app: FastifyInstance, context: PagesContext): void {
  app.get('/submit', options, (request, reply) =>
    sendPage(reply, ChoicePage({ view: viewFor(context, request) })),
  );
  app.get('/submit/:form', options, (request, reply) => {
    const { name, form } = formNamed(request);
    const typed = new Form(new URLSearchParams(request.url.split('?')[1] ?? ''));
    return sendPage(reply, FormPage({ view: viewFor(context, request), name, form, typed }));
  });
  app.post('/submit/:form', options, async (request, reply) => {
    const { name, form } = formNamed(request);
    const typed = formOf(request.body);
    const view = viewFor(context, request);
    const asked = { type: form.type, args: { ...form.fixed, ...argsOf(form.fields, typed) } };
    try {
      if (typed.text('step') === 'open') {
        const opened = await openFrom(context, request, reply, asked);
        return await goToAction(context, reply, opened);
      }
      const cost = await costOf(context, request, asked);
      return await sendPage(reply, FormPage({ view, name, form, typed, cost }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return sendPage(reply, FormPage({ view, name, form, typed, refusal: error }), error.status);
    }
  });
}

async function costOf(
  { deps: { engine, reads } }: PagesContext,
  { caller }: FastifyRequest,
  asked: { readonly type: string; readonly args: unknown },
): Promise<Cost> {
  const msat = await quoteAction(engine.pool, { ...asked, caller });
  if (caller.kind !== 'account') return { msat, balanceMsat: null };
  const [credits, sats] = await Promise.all([
    readCredits(reads, caller.id),
    readSats(reads, caller.id),
  ]);
  return { msat, balanceMsat: credits + sats };
}

function formNamed(request: FastifyRequest): { readonly name: string; readonly form: ActionForm } {
  const name = params.parse(request.params).form;
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  if (form === undefined) throw new Refusal('request.not_found', 'There is no such form.');
  return { name, form };
}
