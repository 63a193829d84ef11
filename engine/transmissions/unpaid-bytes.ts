import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { type EngineContext, transact } from '../context.js';
import { expireOrder } from './end-order.js';

/** Orders of the origin that gives way, per try. */
const AT_ONCE = 20;
const TRIES = 3;

/** Another origin has the most bytes: some of its unpaid orders give way. */
class MakeRoom extends Error {
  override readonly name = 'MakeRoom';

  constructor(readonly origin: Buffer) {
    super('unpaid messages occupy all bytes');
  }
}

/**
 * Runs a transaction that adds bytes which nobody has paid, of one origin, within the limits of the installation: `work` calls `check`
 * once they are written. Where all together have too many, the origin with the most gives way. Throws Refusal
 * `transmission.too_many_unpaid`.
 */
export async function keepWithinBytes<T>(
  engine: EngineContext,
  origin: Buffer | undefined,
  work: (tx: ClientBase, check: () => Promise<void>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact(engine, (tx) => work(tx, () => refuseTooManyBytes(engine, tx, origin)));
    } catch (error) {
      if (!(error instanceof MakeRoom)) throw error;
      if (attempt === TRIES) throw tooMany('all callers without an account together');
      await giveWay(engine, error.origin);
    }
  }
}

async function refuseTooManyBytes(
  { limits: { unpaidBytesPerOrigin, unpaidBytes } }: EngineContext,
  tx: ClientBase,
  origin: Buffer | undefined,
): Promise<void> {
  if (origin === undefined || (unpaidBytesPerOrigin === null && unpaidBytes === null)) return;
  const { rows } = await tx.query<{ exceeded: string | null }>(
    'select unpaid_bytes_exceed($1, $2, $3) as exceeded',
    [origin, unpaidBytesPerOrigin, unpaidBytes],
  );
  const exceeded = rows[0]?.exceeded ?? null;
  if (exceeded === null) return;
  if (exceeded.startsWith('sum/')) throw new MakeRoom(Buffer.from(exceeded.slice(4), 'hex'));
  throw tooMany(exceeded === 'origin' ? 'your address' : 'all callers without an account together');
}

function tooMany(whose: string): Refusal {
  return new Refusal(
    'transmission.too_many_unpaid',
    `unpaid messages of ${whose} occupy too many bytes: pay, or wait until they expire`,
  );
}

/** The oldest unpaid orders of an origin for which nothing was paid expire. */
async function giveWay(engine: EngineContext, origin: Buffer): Promise<void> {
  const { rows } = await engine.pool.query<{ id: string }>(
    `select id from orders where state = 'pending' and origin = $1 and bid_msat = 0 order by created_at limit $2`,
    [origin, AT_ONCE],
  );
  for (const { id } of rows) {
    await transact(engine, (tx) => expireOrder(tx, id, 'it gave way to others'));
  }
}
