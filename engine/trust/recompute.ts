import { setImmediate } from 'node:timers/promises';
import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { edgesOf, type Edges } from '../../domain/trust/edges.js';
import { spread } from '../../domain/trust/spread.js';
import type { VoteIndex } from '../../domain/trust/votes.js';
import { territoryCosts } from '../territories/costs.js';
import { readVotes } from './read-votes.js';
import { beginRun, type TrustKind, type TrustRun } from './run.js';
import { type FourValues, writeValues } from './write-values.js';

const ACCOUNTS_AT_ONCE = 500;
/** Who is trusted less, all four values together, is not kept. */
const LEAST = 0.001;

/**
 * Computes the trust of all accounts in a territory. Edges are kept page by page: stopped anywhere, the next call goes on from there,
 * and sees the same votes.
 */
export async function recomputeTrust(
  pool: Pool,
  territory: string,
  onPage: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const run = await beginRun(pool, territory);
  const seeds = await readSeeds(pool);
  const [terms] = territory === '' ? [] : await territoryCosts(pool, [territory]);
  const founder = terms?.founder ?? null;
  const values = new Map<string, FourValues>();
  for (const kind of ['post', 'comment'] as const) {
    const votes = await readVotes(pool, run, kind);
    await computeEdges(pool, run, kind, votes, onPage);
    const graph = await readGraph(pool, run, kind);
    addValues(values, graph, `${kind}BySeeds`, seeds);
    addValues(values, graph, `${kind}ByFounder`, founder === null ? [] : [founder]);
  }
  const kept = [...values].filter(([, of]) => sumOf(of) > LEAST);
  await writeValues(pool, run, kept);
}

function sumOf(of: FourValues): number {
  return of.postBySeeds + of.postByFounder + of.commentBySeeds + of.commentByFounder;
}

async function readSeeds(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('select account_id as id from trust_seeds');
  return rows.map(({ id }) => id);
}

/** Those of accounts that have none yet. */
async function computeEdges(
  pool: Pool,
  run: TrustRun,
  kind: TrustKind,
  votes: VoteIndex,
  onPage: () => Promise<void>,
): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    'select account_id as id from trust_edges where run_id = $1 and kind = $2',
    [run.id, kind],
  );
  const done = new Set(rows.map(({ id }) => id));
  const left = [...votes.voters.keys()].filter((voter) => !done.has(votes.voters[voter] ?? ''));
  for (let from = 0; from < left.length; from += ACCOUNTS_AT_ONCE) {
    const page: { from: string; edges: Edges }[] = [];
    for (const voter of left.slice(from, from + ACCOUNTS_AT_ONCE)) {
      page.push({ from: votes.voters[voter] ?? '', edges: edgesOf(voter, votes) });
    }
    await writeEdges(pool, run, kind, votes, page);
    await onPage();
    await setImmediate();
  }
}

async function writeEdges(
  pool: Pool,
  run: TrustRun,
  kind: TrustKind,
  votes: VoteIndex,
  page: readonly { readonly from: string; readonly edges: Edges }[],
): Promise<void> {
  await inTransaction(pool, async (tx) => {
    for (const { from, edges } of page) {
      const targets = edges.targets.map((to) => votes.voters[to]);
      await tx.query(
        `insert into trust_edges (run_id, kind, account_id, targets, weights)
         values ($1, $2, $3, $4::uuid[], $5::float8[]) on conflict do nothing`,
        [run.id, kind, from, targets, edges.weights],
      );
    }
  });
}

/** Accounts and the edges between them, by number. */
interface Graph {
  readonly accounts: readonly string[];
  readonly edges: readonly Edges[];
}

async function readGraph(pool: Pool, run: TrustRun, kind: TrustKind): Promise<Graph> {
  const { rows } = await pool.query<{ id: string; targets: string[]; weights: number[] }>(
    `select account_id as id, targets::text[] as targets, weights from trust_edges
     where run_id = $1 and kind = $2 order by account_id`,
    [run.id, kind],
  );
  const numberOf = new Map(rows.map(({ id }, number) => [id, number]));
  const edges = rows.map(({ targets, weights }) => ({
    targets: targets.map((to) => numberOf.get(to) ?? -1),
    weights,
  }));
  return { accounts: rows.map(({ id }) => id), edges };
}

function addValues(
  values: Map<string, FourValues>,
  { accounts, edges }: Graph,
  field: keyof FourValues,
  seeds: readonly string[],
): void {
  const among = new Set(seeds.map((id) => accounts.indexOf(id)).filter((number) => number >= 0));
  const trust = spread(edges, among);
  accounts.forEach((id, number) => {
    values.set(id, { ...(values.get(id) ?? NONE), [field]: trust[number] ?? 0 });
  });
}

const NONE: FourValues = {
  postBySeeds: 0,
  postByFounder: 0,
  commentBySeeds: 0,
  commentByFounder: 0,
};
