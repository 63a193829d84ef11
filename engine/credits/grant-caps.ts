import type { ClientBase } from 'pg';
import type { Role } from '../../domain/accounts/roles.js';
import { Refusal } from '../../domain/refusal.js';

/** Msat within 24 hours; null for any amount. */
export interface GrantCaps {
  /** What somebody of the role may grant, alone or not. Roles that are missing grant nothing. */
  readonly ofRole: Readonly<Partial<Record<Role, bigint | null>>>;
  /** Above this, another operator must approve. */
  readonly alone: bigint | null;
}

export const NO_CAPS: GrantCaps = { ofRole: { operator: null, finance: null }, alone: null };

/**
 * Whether a grant needs a second person. By what its operator has granted and asked for in the last 24 hours, so that many small ones
 * count like a large one. Throws Refusal `grant.over_cap`.
 */
export async function needsSecondPerson(
  tx: ClientBase,
  { ofRole, alone }: GrantCaps,
  by: { readonly id: string; readonly role: Role; readonly amountMsat: bigint },
): Promise<boolean> {
  const cap = ofRole[by.role];
  if (cap === null && alone === null) return false;
  // One grant of an operator after the other, so that each counts those before.
  await tx.query('select pg_advisory_xact_lock(74218425, hashtext($1))', [by.id]);
  const { rows } = await tx.query<{ msat: bigint }>(
    `select least(coalesce(sum(amount_msat), 0), 9000000000000000000)::bigint as msat from (
       select amount_msat from credit_grants
       where granted_by = $1 and created_at > now() - interval '1 day'
       union all
       select amount_msat from pending_grants
       where asked_by = $1 and asked_at > now() - interval '1 day' and state = 'pending') g`,
    [by.id],
  );
  const sum = (rows[0]?.msat ?? 0n) + by.amountMsat;
  refuseOverCap(cap, sum);
  return alone !== null && sum > alone;
}

/** Undefined: the role grants nothing. */
export function refuseOverCap(cap: bigint | null | undefined, msat: bigint): void {
  if (cap === null || (cap !== undefined && msat <= cap)) return;
  throw new Refusal(
    'grant.over_cap',
    `${msat} msat within 24 hours are above the cap of the role, ${cap ?? 0n} msat`,
  );
}
