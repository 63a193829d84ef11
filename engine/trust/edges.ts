import { endianness } from 'node:os';
import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { Edges } from '../../domain/trust/edges.js';
import type { TrustKind, TrustRun } from './run.js';

/** A row may have some 80 KB. */
const READ_AT_ONCE = 500;

export interface EdgesOfVoter {
  readonly voter: number;
  readonly edges: Edges;
}

/**
 * Gives these accounts their numbers, or finds that they have them from before the run was stopped. Where it sees others than then (a
 * post has moved to another territory), what was kept is forgotten.
 */
export async function numberVoters(
  pool: Pool,
  { id }: TrustRun,
  kind: TrustKind,
  voters: readonly string[],
): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      'select from trust_voters where run_id = $1 and kind = $2 and accounts = $3::uuid[]',
      [id, kind, voters],
    );
    if (rowCount === 1) return;
    await tx.query('delete from trust_edges where run_id = $1 and kind = $2', [id, kind]);
    await tx.query(
      `insert into trust_voters (run_id, kind, accounts) values ($1, $2, $3::uuid[])
       on conflict (run_id, kind) do update set accounts = excluded.accounts`,
      [id, kind, voters],
    );
  });
}

/** Numbers of those whose edges are kept. */
export async function readDone(
  pool: Pool,
  { id }: TrustRun,
  kind: TrustKind,
): Promise<Set<number>> {
  const { rows } = await pool.query<{ voter: number }>(
    'select voter from trust_edges where run_id = $1 and kind = $2',
    [id, kind],
  );
  return new Set(rows.map(({ voter }) => voter));
}

export async function writeEdges(
  pool: Pool,
  { id }: TrustRun,
  kind: TrustKind,
  page: readonly EdgesOfVoter[],
): Promise<void> {
  await inTransaction(pool, (tx) =>
    tx.query(
      `insert into trust_edges (run_id, kind, voter, targets, weights)
       select $1, $2, * from unnest($3::integer[], $4::bytea[], $5::bytea[]) on conflict do nothing`,
      [
        ...[id, kind, page.map(({ voter }) => voter)],
        page.map(({ edges }) => bytesOf(edges.targets)),
        page.map(({ edges }) => bytesOf(edges.weights)),
      ],
    ),
  );
}

/** The edges of all voters, by their numbers. */
export async function readEdges(
  pool: Pool,
  { id }: TrustRun,
  kind: TrustKind,
  voters: number,
): Promise<readonly Edges[]> {
  const all: Edges[] = Array.from({ length: voters }, () => NONE);
  for (let from = 0; from < voters; from += READ_AT_ONCE) {
    const { rows } = await pool.query<{ voter: number; targets: Buffer; weights: Buffer }>(
      `select voter, targets, weights from trust_edges
       where run_id = $1 and kind = $2 and voter >= $3 and voter < $4`,
      [id, kind, from, from + READ_AT_ONCE],
    );
    for (const { voter, targets, weights } of rows) {
      all[voter] = {
        targets: new Int32Array(copyOf(targets)),
        weights: new Float32Array(copyOf(weights)),
      };
    }
  }
  return all;
}

const NONE: Edges = { targets: new Int32Array(0), weights: new Float32Array(0) };

if (endianness() !== 'LE') throw new Error('edges of trust are kept in little endian');

function bytesOf(numbers: Int32Array | Float32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Of its own, since a view of numbers has to begin at a multiple of four. */
function copyOf(bytes: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}
