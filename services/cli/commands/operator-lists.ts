import type { Command } from 'commander';
import { listTokens } from '../../../engine/accounts/list-tokens.js';
import { listStaff } from '../../../engine/accounts/staff.js';
import { readAudit } from '../../../engine/audit.js';
import { table } from '../table.js';
import { withPool } from '../with-pool.js';

const SHOWN = 1_000;

export function addOperatorLists(operator: Command): void {
  operator
    .command('list')
    .description('operators and their helpers')
    .action(() => withPool(async (pool) => showStaff(await listStaff(pool))));
  operator
    .command('tokens')
    .description('the tokens of an account, or of operators and their helpers, newest first')
    .argument('[name]', 'whose')
    .action((name?: string) =>
      withPool(async (pool) => {
        const account = name === undefined ? {} : { account: name };
        showTokens(await listTokens(pool, { limit: SHOWN, ...account }));
      }),
    );
  operator
    .command('audit')
    .description('what operators and the command line did and read, newest first')
    .option('--actor <name>', 'only of this one')
    .option('--target <text>', 'only about this')
    .option('--json', 'one JSON object per line')
    .action((options: AuditOptions) => withPool((pool) => showAudit(pool, options)));
}

function showStaff(members: Awaited<ReturnType<typeof listStaff>>): void {
  const rows = members.map(({ name, role, tokens, lastUsedAt, frozenAt }) => [
    ...[name, role, String(tokens), shown(lastUsedAt)],
    frozenAt === null ? '' : `frozen since ${frozenAt.toISOString()}`,
  ]);
  say(table([['name', 'role', 'tokens', 'last used', ''], ...rows]));
}

function showTokens(tokens: Awaited<ReturnType<typeof listTokens>>): void {
  const rows = tokens.map((token) => [
    ...[token.id, token.account, token.role, token.label.replace(/\p{Cc}+/gu, ' ')],
    ...[token.scopes?.join(',') ?? 'all', shown(token.createdAt), shown(token.lastUsedAt)],
    token.revokedAt === null ? shown(token.expiresAt) : `revoked ${token.revokedAt.toISOString()}`,
  ]);
  const head = ['id', 'account', 'role', 'label', 'scopes', 'created', 'last used', 'ends'];
  say(table([head, ...rows]));
}

interface AuditOptions {
  readonly actor?: string;
  readonly target?: string;
  readonly json?: boolean;
}

async function showAudit(
  pool: Parameters<typeof readAudit>[0],
  { json = false, ...filter }: AuditOptions,
): Promise<void> {
  const acts = await readAudit(pool, { limit: SHOWN, ...filter });
  if (json) {
    for (const one of acts) say(JSON.stringify({ ...one, id: one.id.toString() }));
    return;
  }
  const rows = acts.map((one) => [
    ...[one.id.toString(), one.at.toISOString(), one.actor, one.address ?? '', one.act, one.target],
    (one.because ?? '').replace(/\p{Cc}+/gu, ' '),
  ]);
  say(table([['id', 'at', 'who', 'from', 'act', 'target', 'because'], ...rows]));
}

function shown(at: Date | null): string {
  return at === null ? 'never' : at.toISOString();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
