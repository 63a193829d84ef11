import { DEVELOPMENT_SECRET } from './keys-servers.js';
import type { VariableName } from './schema.js';

type Values = Readonly<Partial<Record<VariableName, string>>>;

/** Fewer different characters than this were typed, not drawn by lot. */
const LEAST_DIFFERENT = 10;

/** What must not be, of what a process reads: all problems at once. `values` are texts as they were given. */
export function unsafeSettings(names: readonly VariableName[], values: Values): string[] {
  const reads = new Set<VariableName>(names);
  const production = values.QUITTANCE_ENV === 'production';
  const problems: string[] = [];
  const secret = values.QUITTANCE_SECRET ?? DEVELOPMENT_SECRET;
  if (reads.has('QUITTANCE_SECRET')) {
    if (production) problems.push(...weakSecret(secret));
    else if (secret === DEVELOPMENT_SECRET) problems.push(...listensBeyond(reads, values));
  }
  problems.push(...halfOfVersion(reads, values));
  if (!production) return problems;
  if (reads.has('QUITTANCE_STORE_KEY') && values.QUITTANCE_STORE_KEY === undefined) {
    problems.push('QUITTANCE_STORE_KEY must be set in production, to 1:<64 hex digits>');
  }
  problems.push(...unsafeNode(reads, values));
  if (values.QUITTANCE_TRUST_STARTS === 'on') {
    problems.push(
      'QUITTANCE_TRUST_STARTS cannot be on in production: whoever starts a workflow needs a token',
    );
  }
  if (
    reads.has('QUITTANCE_RECONCILE_SECONDS') &&
    Number(values.QUITTANCE_RECONCILE_SECONDS) === 0
  ) {
    problems.push(
      'QUITTANCE_RECONCILE_SECONDS cannot be 0 in production: a message may be lost or forged',
    );
  }
  if (values.QUITTANCE_FORCE_PAYMENT !== undefined) {
    problems.push('QUITTANCE_FORCE_PAYMENT is for development: remove it in production');
  }
  if (values.QUITTANCE_FAILPOINTS !== undefined) {
    problems.push('QUITTANCE_FAILPOINTS is for tests: remove it in production');
  }
  return problems;
}

function halfOfVersion(reads: ReadonlySet<VariableName>, values: Values): string[] {
  const names = ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID'] as const;
  if (!names.every((name) => reads.has(name))) return [];
  const [missing, more] = names.filter((name) => values[name] === undefined);
  return missing !== undefined && more === undefined
    ? [`${missing} must be set, too: a version of a worker has both`]
    : [];
}

/** Real money moves at one node, which is named; payees' wallets are of others, so they are never in our networks. */
function unsafeNode(reads: ReadonlySet<VariableName>, values: Values): string[] {
  const problems: string[] = [];
  const isReal = values.QUITTANCE_LIGHTNING_BACKEND === 'lnd';
  if (
    reads.has('QUITTANCE_LIGHTNING_URL') &&
    !isReal &&
    values.QUITTANCE_SIMULATORS !== 'allowed'
  ) {
    problems.push(
      'QUITTANCE_LIGHTNING_URL is a simulated node: no real money moves; set QUITTANCE_SIMULATORS=allowed to run all the same',
    );
  }
  for (const name of ['QUITTANCE_LIGHTNING_NODE', 'QUITTANCE_LIGHTNING_NETWORK'] as const) {
    if (isReal && reads.has(name) && values[name] === undefined) {
      problems.push(`${name} must be set in production with lnd`);
    }
  }
  if (values.QUITTANCE_PRIVATE_WALLETS === 'allowed') {
    problems.push('QUITTANCE_PRIVATE_WALLETS is for development: remove it in production');
  }
  return problems;
}

function weakSecret(secret: string): string[] {
  if (secret === DEVELOPMENT_SECRET) {
    return ['QUITTANCE_SECRET must be set in production, to 32 or more secret characters'];
  }
  return new Set(secret).size < LEAST_DIFFERENT
    ? ['QUITTANCE_SECRET is weak: draw it by lot, for example with openssl rand -hex 32']
    : [];
}

/** Everybody knows the built-in secret, so nobody but this machine may reach what trusts it. */
function listensBeyond(reads: ReadonlySet<VariableName>, values: Values): string[] {
  return (['QUITTANCE_API_HOST', 'QUITTANCE_OPS_HOST'] as const)
    .filter((name) => reads.has(name) && !isLoopback(values[name] ?? '127.0.0.1'))
    .map((name) => `${name} is no loopback address: that takes a QUITTANCE_SECRET of your own`);
}

export function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?|::ffff:127(\.\d{1,3}){3})$/i.test(address);
}
