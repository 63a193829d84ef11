import type { ClientBase } from 'pg';
import type { GatewayInvoice, InvoiceGateway } from '../../adapters/lightning/charge/port.js';
import { LightningError } from '../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import type { EngineContext } from '../context.js';
import type { WantedInvoice } from './open-invoice.js';
import type { InvoiceUpdate } from './record-update.js';

/** The gateway made an invoice and would not call back about it: nobody may be shown it. */
export class CallbackNotRegistered extends Error {
  override readonly name = 'CallbackNotRegistered';
}

/** An invoice of a gateway that exists and is not shown yet. */
export interface MadeAtGateway extends GatewayInvoice {
  /** Of `gateway_invoices`. */
  readonly call: bigint;
}

/**
 * Has the gateway make an invoice for one of ours. Each call is written before it is made: one whose answer is lost stays `asked`, and
 * what was made and is not shown stays `orphan`, for operators to see. Throws LightningError, CallbackNotRegistered.
 */
export async function createAtGateway(
  engine: EngineContext,
  gateway: InvoiceGateway,
  wanted: WantedInvoice,
  about: { readonly orderId: string; readonly messageDigest: string },
): Promise<MadeAtGateway> {
  const { hash, amountMsat, expirySeconds } = wanted;
  return engine.creations.run(async () => {
    const call = await writeCall(engine.pool, hash);
    const made = await gateway
      .createInvoice({ amountMsat, expirySeconds, ...about })
      .catch(async (error: unknown) => {
        const nothingMade = error instanceof LightningError && error.kind !== 'unknown';
        if (nothingMade) await writeState(engine.pool, call, 'refused');
        throw error;
      });
    await writeAnswer(engine.pool, call, made);
    await gateway.registerCallback(made.id).catch((error: unknown) => {
      throw new CallbackNotRegistered(`of invoice ${made.id}`, { cause: error });
    });
    return { ...made, call };
  });
}

async function writeCall(db: Pick<ClientBase, 'query'>, hash: string): Promise<bigint> {
  const { rows } = await db.query<{ call: bigint }>(
    'insert into gateway_invoices (hash) values ($1) returning call',
    [hash],
  );
  const call = rows[0]?.call;
  if (call === undefined) throw new Error(`no call for ${hash} was written`);
  return call;
}

async function writeState(
  db: Pick<ClientBase, 'query'>,
  call: bigint,
  state: 'refused',
): Promise<void> {
  await db.query(
    'update gateway_invoices set state = $2, changed_at = clock_timestamp() where call = $1',
    [call, state],
  );
}

async function writeAnswer(
  db: Pick<ClientBase, 'query'>,
  call: bigint,
  { id, paymentHash, answer }: GatewayInvoice,
): Promise<void> {
  const { rowCount } = await db.query(
    `update gateway_invoices g set state = 'orphan', id = $2, payment_hash = $3, answer = $4, changed_at = clock_timestamp()
     where call = $1 and not exists (select from gateway_invoices o where o.id = $2)`,
    [call, id, paymentHash ?? null, JSON.stringify(answer)],
  );
  if (rowCount === 0) {
    throw LightningError.refused('bad_request', `the gateway has given invoice ${id} before`);
  }
}

/**
 * Marks a made invoice as the one that its order shows, under the order's lock. Undefined where another one is, or was, or the order can
 * no longer be paid for. `told`: the gateway has told of a payment before.
 */
export async function showGatewayInvoice(
  tx: ClientBase,
  call: bigint,
): Promise<{ readonly told: boolean } | undefined> {
  const { rows } = await tx.query<{ told: boolean }>(
    `update gateway_invoices g set state = 'shown', changed_at = clock_timestamp()
     where call = $1 and state = 'orphan'
       and not exists (select from gateway_invoices o where o.hash = g.hash and o.state = 'shown')
       and exists (
         select from invoices i join orders o on o.id = i.order_id
         where i.hash = g.hash and i.state = 'wanted' and o.state in ('pending', 'paid'))
     returning late_at is not null as told`,
    [call],
  );
  return rows[0];
}

/** The invoice as it is shown; nothing where {@link showGatewayInvoice} has shown none. */
export async function recordShown(
  tx: ClientBase,
  { hash, bolt11, call }: { readonly hash: string } & Pick<MadeAtGateway, 'bolt11' | 'call'>,
): Promise<void> {
  await tx.query(
    `update invoices i set bolt11 = $2, expires_at = clock_timestamp() + i.expiry_seconds * interval '1 second',
       changed_at = clock_timestamp(), state = 'open'
     where i.hash = $1 and i.bolt11 is null and i.state = 'wanted'
       and exists (select from gateway_invoices g where g.call = $3 and g.state = 'shown')`,
    [hash, bolt11, call],
  );
}

interface ClosableRow {
  readonly id: string | null;
  readonly amountMsat: InvoiceUpdate['receivedMsat'];
  readonly expired: boolean;
}

/**
 * What became of an invoice: one that was never shown nobody can have paid, so it is canceled at once; one that was shown is what the
 * gateway says or, where it cannot say, canceled once it has expired. Undefined while it may be paid. Throws LightningError.
 */
export async function closeAtGateway(
  { pool, timers }: Pick<EngineContext, 'pool' | 'timers'>,
  gateway: InvoiceGateway,
  hash: string,
): Promise<InvoiceUpdate | undefined> {
  const { rows } = await pool.query<ClosableRow>(
    `select g.id, i.amount_msat as "amountMsat",
       coalesce(i.expires_at + $2 * interval '1 second' <= clock_timestamp(), false) as expired
     from invoices i left join gateway_invoices g on g.hash = i.hash and g.state = 'shown' where i.hash = $1`,
    [hash, timers.expiryGraceSeconds],
  );
  const [row] = rows;
  const canceled: InvoiceUpdate = { hash, state: 'canceled', receivedMsat: ZERO_MSAT };
  if (row === undefined || row.id === null) return canceled;
  const state = await gateway.lookupInvoice(row.id);
  if (state === 'settled') return { hash, state, receivedMsat: row.amountMsat };
  return state === 'canceled' || row.expired ? canceled : undefined;
}
