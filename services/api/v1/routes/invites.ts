import { inviteAnswer, invitesAnswer, openedAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { satsToMsat } from '../../../../domain/money.js';
import { isoOfUs } from '../../../../domain/credits/time.js';
import {
  createInvite,
  type Invite,
  listInvites,
  revokeInvite,
} from '../../../../engine/accounts/invites.js';
import { redeemInvite } from '../../../../engine/actions/redeem-invite.js';
import { transact } from '../../../../engine/context.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { answerStatus } from '../idempotency.js';
import { presentAction } from '../present-action.js';
import { emptyBody } from '../wire/action-request.js';
import { instant, toTime, toTimeOrNull } from '../wire/values.js';

const tags = ['invites'];
const code = z.string().regex(/^[a-zA-Z0-9_-]{4,32}$/, 'must be 4 to 32 of A-Z, a-z, 0-9, _ and -');
const params = z.strictObject({ code });

const inviteBody = z
  .strictObject({
    code: code.exactOptional(),
    giftSats: z.int().min(1).max(1_000_000),
    mostGifts: z.int().min(1).max(1_000_000).nullable().default(null),
    expiresAt: instant.nullable().default(null),
  })
  .meta({ examples: [{ giftSats: 100, mostGifts: 10, expiresAt: '2027-01-01T00:00:00Z' }] });

export function addInviteRoutes(app: ZodApp, deps: ApiDeps): void {
  addCreate(app, deps);
  addList(app, deps);
  addRevoke(app, deps);
  addRedeem(app, deps);
}

function addCreate(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/invites',
    {
      config: { access: 'account', refusals: ['invite.code_taken'] },
      schema: {
        tags,
        summary: 'Invite people with a gift',
        description:
          'Whoever joins by the code within an hour of opening an account gets the gift from your balance.',
        body: inviteBody,
        response: { 200: inviteAnswer },
      },
    },
    async (request) => {
      const { giftSats, expiresAt, mostGifts, code: wanted } = request.body;
      const { id: owner } = accountOf(request);
      const invite = await transact(engine, (tx) =>
        createInvite(tx, owner, {
          ...{ giftMsat: satsToMsat(BigInt(giftSats)), mostGifts },
          expiresAt: expiresAt === null ? null : isoOfUs(expiresAt),
          ...(wanted === undefined ? {} : { code: wanted }),
        }),
      );
      return present(invite);
    },
  );
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/invites',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'List the caller’s newest invitations',
        response: { 200: invitesAnswer },
      },
    },
    async (request) => ({
      invites: (await listInvites(reads, accountOf(request).id)).map(present),
    }),
  );
}

function addRevoke(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/invites/:code/revoke',
    {
      config: { access: 'account', refusals: ['invite.not_found'] },
      schema: {
        tags,
        summary: 'Revoke an invitation',
        params,
        body: emptyBody,
        response: { 200: inviteAnswer },
      },
    },
    async (request) => {
      const { id: owner } = accountOf(request);
      return present(await transact(engine, (tx) => revokeInvite(tx, owner, request.params.code)));
    },
  );
}

function addRedeem(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/invites/:code/redeem',
    {
      config: {
        access: 'account',
        refusals: [
          'invite.not_found',
          'invite.not_usable',
          'invite.not_new',
          'action.insufficient_credits',
        ],
      },
      schema: {
        tags,
        summary: 'Take the gift of an invitation, as a new account',
        params,
        body: emptyBody,
        response: { 200: openedAnswer, 201: openedAnswer },
      },
    },
    async (request, reply) => {
      const { view, replayed } = await redeemInvite(engine, {
        ...{ code: request.params.code, invitee: accountOf(request).id },
        ...request.idempotency,
      });
      return reply.code(answerStatus(reply, replayed, 201)).send(presentAction(view));
    },
  );
}

function present(invite: Invite): z.output<typeof inviteAnswer> {
  return {
    ...{ code: invite.code, giftMsat: invite.giftMsat.toString(), gifts: invite.gifts },
    mostGifts: invite.mostGifts,
    expiresAt: toTimeOrNull(invite.expiresAt),
    revokedAt: toTimeOrNull(invite.revokedAt),
    createdAt: toTime(invite.createdAt),
  };
}
