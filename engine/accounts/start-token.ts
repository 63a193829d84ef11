import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/**
 * What a start token allows: a workflow that opens this one action, of this type, at this cost at most, for this account or for an
 * anonymous caller of this origin, until it expires. It is single use by the action's id: the same start again finds the same action.
 */
export interface StartGrant {
  readonly actionId: string;
  readonly type: string;
  readonly maxCostMsat: bigint;
  /** The account's name; null for the anonymous. */
  readonly actor: string | null;
  /** Of the anonymous, see originOf. */
  readonly origin: Buffer | null;
  readonly expiresAt: Date;
}

const PREFIX = 'qs1';

const grantText = z.strictObject({
  id: z.uuid(),
  type: z.string(),
  max: z.string().regex(/^\d{1,19}$/),
  actor: z.string().nullable(),
  origin: z.string().nullable(),
  until: z.int(),
});

/** `qs1.<grant>.<HMAC-SHA256>`, base64url. Needs no storage: it is made and read with the master secret. */
export function signStartToken(secret: string, grant: StartGrant): string {
  const text: z.output<typeof grantText> = {
    id: grant.actionId,
    type: grant.type,
    max: grant.maxCostMsat.toString(),
    actor: grant.actor,
    origin: grant.origin?.toString('base64url') ?? null,
    until: grant.expiresAt.getTime(),
  };
  const body = `${PREFIX}.${Buffer.from(JSON.stringify(text)).toString('base64url')}`;
  return `${body}.${macOf(secret, body).toString('base64url')}`;
}

/** Undefined unless we have made it. Whether it has expired is not looked at. */
export function readStartToken(secret: string, token: string): StartGrant | undefined {
  const end = token.lastIndexOf('.');
  const [body, mac] = [token.slice(0, end), Buffer.from(token.slice(end + 1), 'base64url')];
  const wanted = macOf(secret, body);
  if (mac.length !== wanted.length || !timingSafeEqual(mac, wanted)) return undefined;
  const json: unknown = JSON.parse(
    Buffer.from(body.slice(PREFIX.length + 1), 'base64url').toString(),
  );
  const { id, type, max, actor, origin, until } = grantText.parse(json);
  return {
    ...{ actionId: id, type, maxCostMsat: BigInt(max), actor, expiresAt: new Date(until) },
    origin: origin === null ? null : Buffer.from(origin, 'base64url'),
  };
}

function macOf(secret: string, body: string): Buffer {
  const key = createHmac('sha256', secret).update('start token').digest();
  return createHmac('sha256', key).update(body).digest();
}
