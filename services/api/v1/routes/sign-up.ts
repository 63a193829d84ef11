import { accountName, challengeAnswer, signedUpAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { confirmChallenge, logIn, openChallenge } from '../../../../engine/accounts/lnurl-auth.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { signUp } from '../../../../engine/accounts/sign-up.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { emptyBody } from '../wire/action-request.js';

const tags = ['accounts'];

const signUpBody = z.strictObject({ name: accountName }).meta({ examples: [{ name: 'alice' }] });

const k1 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes in hex');
const signed = z.object({
  tag: z.literal('login').exactOptional(),
  k1,
  sig: z.string().regex(/^([0-9a-f]{2}){8,72}$/i, 'must be a DER signature in hex'),
  key: z.string().regex(/^0[23][0-9a-f]{64}$/i, 'must be a compressed public key in hex'),
  action: z.string().max(32).exactOptional(),
});

const logInBody = z.strictObject({
  k1,
  secret: z.string().min(1).max(100),
  name: accountName.exactOptional().meta({ description: 'Where the key has no account yet.' }),
});

export function addSignUpRoutes(app: ZodApp, deps: ApiDeps): void {
  addSignUp(app, deps);
  addChallenge(app, deps);
  addLogIn(app, deps);
}

function addSignUp(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/sign-up',
    {
      config: { access: 'anyone', refusals: ['account.name_taken', 'account.too_many'] },
      schema: {
        tags,
        summary: 'Open an account for oneself',
        description:
          'Limited by network. The token is shown only now: a repeated request finds the name taken.',
        body: signUpBody,
        response: { 200: signedUpAnswer, 201: signedUpAnswer },
      },
    },
    async (request, reply) => {
      const origin = originOf(engine.secret, request.ip);
      const { account, token } = await signUp(engine.pool, { ...request.body, origin });
      return reply.code(201).send({ ...account, token });
    },
  );
}

function addChallenge(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/login/lnurl',
    {
      config: { access: 'anyone', refusals: ['login.too_many'] },
      schema: {
        tags,
        summary: 'Ask for a challenge that a wallet signs (LNURL-auth)',
        body: emptyBody,
        response: { 200: challengeAnswer },
      },
    },
    async (request) => {
      const origin = originOf(engine.secret, request.ip);
      const challenge = await openChallenge(engine.pool, origin);
      const query = `tag=login&k1=${challenge.k1}&action=login`;
      return {
        ...challenge,
        url: `${request.protocol}://${request.host}/v1/login/lnurl/callback?${query}`,
      };
    },
  );
  app.get(
    '/v1/login/lnurl/callback',
    {
      config: { access: 'anyone', refusals: ['login.bad_signature', 'login.unknown'] },
      schema: {
        tags,
        summary: 'Sign a challenge: called by the wallet (LUD-04)',
        querystring: signed,
        response: { 200: z.object({ status: z.literal('OK') }) },
      },
    },
    async ({ query }) => {
      await confirmChallenge(engine.pool, { ...query, key: query.key.toLowerCase() });
      return { status: 'OK' as const };
    },
  );
}

function addLogIn(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/login/lnurl/token',
    {
      config: {
        access: 'anyone',
        refusals: [
          'login.unknown',
          'login.not_signed',
          'login.name_required',
          'account.name_taken',
          'account.too_many',
        ],
      },
      schema: {
        tags,
        summary: 'Get a token for the account of the key that has signed',
        description: 'Once for each challenge. A key without an account gets one with this name.',
        body: logInBody,
        response: { 200: signedUpAnswer, 201: signedUpAnswer },
      },
    },
    async (request, reply) => {
      const origin = originOf(engine.secret, request.ip);
      const { account, token, opened } = await logIn(engine.pool, { ...request.body, origin });
      return reply.code(opened ? 201 : 200).send({ ...account, token });
    },
  );
}
