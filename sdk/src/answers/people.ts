import { z } from 'zod';
import { account } from './account.js';
import { msatText, time } from './values.js';

/** An account that was just opened or logged in to, with a token. */
export const signedUpAnswer = z
  .object({ ...account, token: z.string().meta({ description: 'Shown only once.' }) })
  .meta({ id: 'SignedUp' });

export const challengeAnswer = z
  .object({
    k1: z.string().meta({ description: 'What the wallet signs, hex.' }),
    secret: z.string().meta({ description: 'For whoever has asked: needed to get the token.' }),
    url: z.url().meta({ description: 'LNURL-auth address for the wallet.' }),
  })
  .meta({ id: 'LoginChallenge' });

export const settingsAnswer = z
  .object({
    receiveCreditsBelowMsat: msatText.meta({
      description: 'What is received below it becomes credits, also where there is a wallet.',
    }),
    sendCreditsBelowMsat: msatText.meta({
      description: 'What is sent below it is never paid to a wallet of the payee.',
    }),
    hideDescriptions: z
      .boolean()
      .meta({ description: 'Wallets are not told what a payment is for.' }),
    retryAutomatically: z.boolean().meta({
      description: 'What fails is tried again, for a wallet that pays without being asked.',
    }),
  })
  .meta({ id: 'AccountSettings' });

export const namesAnswer = z
  .object({ names: z.array(z.string()).meta({ examples: [['alice']] }) })
  .meta({ id: 'Names' });

export const unreadAnswer = z
  .object({
    unread: z.boolean(),
    of: z
      .array(z.string())
      .meta({ description: 'Of which there is something new.', examples: [['zaps']] }),
    seenAt: time,
  })
  .meta({ id: 'Unread' });

/** An invitation. */
export const inviteAnswer = z
  .object({
    code: z.string().meta({ examples: ['welcome2026'] }),
    giftMsat: msatText,
    mostGifts: z.int().nullable().meta({ description: 'Null: any number.' }),
    gifts: z.int(),
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
    createdAt: time,
  })
  .meta({ id: 'Invite' });

export const invitesAnswer = z.object({ invites: z.array(inviteAnswer) });
