import { setImmediate } from 'node:timers/promises';
import type { Pool } from 'pg';
import { edgesOf, type Edges } from '../../domain/trust/edges.js';
import { spread } from '../../domain/trust/spread.js';
import { Seen } from '../../domain/trust/votes.js';
import { territoryCosts } from '../territories/costs.js';
import { numberVoters, readDone, readEdges, writeEdges } from './edges.js';
import { readVotes } from './read-votes.js';
import { beginRun, type TrustKind, type TrustRun } from './run.js';
import { type FourValues, writeValues } from './write-values.js';

/** Their edges are kept together: at most so many are computed again. */
const ACCOUNTS_AT_ONCE = 100;
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
  // Without a beginning there is no trust.
  const kinds = seeds.length === 0 && founder === null ? [] : (['post', 'comment'] as const);
  for (const kind of kinds) {
    const graph = await computeEdges(pool, run, kind, onPage);
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

/** Of those who have none yet; all of them then. */
async function computeEdges(
  pool: Pool,
  run: TrustRun,
  kind: TrustKind,
  onPage: () => Promise<void>,
): Promise<Graph> {
  const votes = await readVotes(pool, run, kind);
  const accounts = votes.voters;
  await numberVoters(pool, run, kind, accounts);
  const done = await readDone(pool, run, kind);
  const left = [...accounts.keys()].filter((voter) => !done.has(voter));
  const seen = new Seen(accounts.length);
  for (let from = 0; from < left.length; from += ACCOUNTS_AT_ONCE) {
    const page = left
      .slice(from, from + ACCOUNTS_AT_ONCE)
      .map((voter) => ({ voter, edges: edgesOf(voter, votes, seen) }));
    await writeEdges(pool, run, kind, page);
    await onPage();
    await setImmediate();
  }
  return { accounts, edges: await readEdges(pool, run, kind, accounts.length) };
}

/** Accounts and the edges between them, by number. */
interface Graph {
  readonly accounts: readonly string[];
  readonly edges: readonly Edges[];
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
