import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { Role } from '../../domain/accounts/roles.js';
import type { Us } from '../../domain/credits/time.js';
import { type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { readCredits, readSats } from '../accounts/accounts.js';
import { type Asset, postEntry } from '../ledger/post-entry.js';
import { lockAccounts, lockCredits } from './accounts.js';
import { applyOperation } from './apply-operation.js';
import { recordGrant } from './grant-by-operator.js';
import { type GrantCaps, refuseOverCap } from './grant-caps.js';
import { type GrantView, readGrant } from './read-grants.js';

export interface Decider {
  readonly id: string;
  readonly role: Role;
}

interface PendingRow {
  readonly accountId: string;
  readonly asset: Asset;
  readonly amountMsat: Msat;
  readonly reason: string;
  readonly expiresUs: Us | null;
  readonly askedBy: string;
  readonly state: 'pending' | 'granted' | 'rejected';
}

/**
 * Gives what another operator has asked for. The same decision again gives what was decided. Throws Refusal `grant.not_found`,
 * `grant.second_person`, `grant.decided`, `grant.over_cap`, `credits.expiry_past`, `credits.amount_too_large`.
 */
export function approveGrant(
  pool: Pool,
  id: string,
  by: Decider,
  caps: GrantCaps,
): Promise<GrantView> {
  return inTransaction(pool, async (tx) => {
    const { accountId, expiresUs, askedBy, state, ...grant } = await lockPending(tx, id);
    if (state === 'granted') return readGrant(tx, id, true);
    if (state === 'rejected') throw new Refusal('grant.decided', 'the grant was rejected');
    if (askedBy === by.id) {
      throw new Refusal('grant.second_person', 'whoever asked for a grant cannot approve it');
    }
    refuseOverCap(caps.ofRole[by.role], grant.amountMsat);
    await recordGrant(tx, accountId, id, {
      ...{ ...grant, grantedBy: askedBy, approvedBy: by.id },
      ...(expiresUs === null ? {} : { expiresUs }),
    });
    await decide(tx, id, by, 'granted');
    return readGrant(tx, id, false);
  });
}

/** Whoever asked may take it back in this way. Throws Refusal `grant.not_found`, `grant.decided`. */
export function rejectGrant(pool: Pool, id: string, by: Decider): Promise<void> {
  return inTransaction(pool, async (tx) => {
    const { state } = await lockPending(tx, id);
    if (state === 'granted') throw new Refusal('grant.decided', 'the grant was given');
    if (state === 'pending') await decide(tx, id, by, 'rejected');
  });
}

async function decide(
  tx: ClientBase,
  id: string,
  by: Decider,
  state: 'granted' | 'rejected',
): Promise<void> {
  await tx.query(
    `update pending_grants set state = $2, decided_by = $3, decided_at = now() where id = $1 and state = 'pending'`,
    [id, state, by.id],
  );
}

async function lockPending(tx: ClientBase, id: string): Promise<PendingRow> {
  const { rows } = await tx.query<PendingRow>(
    `select account_id as "accountId", asset, amount_msat as "amountMsat", reason, to_us(expires_at) as "expiresUs",
       asked_by as "askedBy", state from pending_grants where id = $1 for update`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Refusal('grant.not_found', `no grant ${id} waits`);
  return row;
}

interface GivenRow {
  readonly accountId: string;
  readonly asset: Asset;
  readonly amountMsat: Msat;
  readonly reversed: boolean;
}

/**
 * Takes a whole grant back, where the account still has as much of its asset; once. Throws Refusal `grant.not_found`, `grant.spent`.
 */
export function reverseGrant(pool: Pool, id: string, by: Decider, because: string): Promise<void> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<GivenRow>(
      `select account_id as "accountId", asset, amount_msat as "amountMsat",
         exists (select from grant_reversals r where r.grant_id = g.id) as reversed
       from credit_grants g where id = $1 for update`,
      [id],
    );
    const [grant] = rows;
    if (grant === undefined) throw new Refusal('grant.not_found', `there is no grant ${id}`);
    if (grant.reversed) return;
    await takeBack(tx, `grant-reversal/${id}`, grant);
    await tx.query(
      'insert into grant_reversals (grant_id, reversed_by, because) values ($1, $2, $3)',
      [id, by.id, because],
    );
  });
}

async function takeBack(tx: ClientBase, key: string, grant: GivenRow): Promise<void> {
  const { accountId, asset, amountMsat } = grant;
  await lockCredits(tx, [accountId]);
  const left = await (asset === 'SATS' ? readSats(tx, accountId) : readCredits(tx, accountId));
  if (left < amountMsat) {
    throw new Refusal('grant.spent', `${left} of ${amountMsat} msat are left`);
  }
  const negative = subtractMsat(ZERO_MSAT, amountMsat);
  const holder = { accountId };
  if (asset === 'SATS') {
    await postEntry(tx, key, [
      { holder, asset, amountMsat: negative },
      { holder: { system: 'promotion' }, asset, amountMsat },
    ]);
    return;
  }
  await postEntry(tx, key, [
    { holder, asset, amountMsat: negative },
    { holder: { system: 'issued' }, asset, amountMsat },
    { holder: { system: 'backing' }, asset: 'SATS', amountMsat: negative },
    { holder: { system: 'promotion' }, asset: 'SATS', amountMsat },
  ]);
  const { nextUs } = await lockAccounts(tx, 'actions', [accountId]);
  const detail = { provider: 'QUITTANCE', paymentMethod: 'grant_reversal' };
  await applyOperation(tx, {
    ...{ ledger: 'actions', ref: key, atUs: nextUs },
    entries: [{ kind: 'debit', address: accountId, amount: amountMsat, covered: true, detail }],
  });
}
