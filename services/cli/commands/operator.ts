import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClientBase } from 'pg';
import { inTransaction } from '../../../db/transaction.js';
import { isStaff, ROLES, type Role, type Scope, SCOPES } from '../../../domain/accounts/roles.js';
import { Refusal } from '../../../domain/refusal.js';
import { createAccount, findAccount } from '../../../engine/accounts/accounts.js';
import { revokeToken } from '../../../engine/accounts/list-tokens.js';
import { dismiss, freezeAccount, unfreezeAccount } from '../../../engine/accounts/staff.js';
import { issueToken, type TokenTerms } from '../../../engine/accounts/tokens.js';
import { CommandError } from '../run-command.js';
import { withPool } from '../with-pool.js';
import { addOperatorLists } from './operator-lists.js';

interface Terms {
  readonly label: string;
  readonly scopes?: Scope[];
  readonly days?: number;
}

/** Whoever can reach the database manages operators: the first one is made here. */
export function addOperator(program: Command): void {
  const operator = program
    .command('operator')
    .description('operators and their helpers, their tokens, frozen accounts');
  withTerms(operator.command('create'))
    .description('add one, with a first token, which is shown once')
    .argument('<name>', 'a-z, 0-9, _ and -')
    .addOption(new Option('--role <role>', 'what they may do').choices(STAFF).default('operator'))
    .action((name: string, { role, ...terms }: Terms & { role: Role }) =>
      inTransactionOf(async (tx) => {
        const { id } = await createAccount(tx, { name, role });
        return issueToken(tx, id, termsOf(terms));
      }),
    );
  withTerms(operator.command('token'))
    .description('give one another token, which is shown once')
    .argument('<name>', 'whose')
    .action((name: string, terms: Terms) =>
      inTransactionOf(async (tx) => {
        const { id, role } = await findAccount(tx, name);
        if (!isStaff(role)) {
          throw new CommandError(`${name} is a user`, 'users get tokens over HTTP');
        }
        return issueToken(tx, id, termsOf(terms));
      }),
    );
  addEndings(operator);
  addOperatorLists(operator);
}

const STAFF = ROLES.filter(isStaff);

function addEndings(operator: Command): void {
  operator
    .command('revoke')
    .description('end somebody’s role and all tokens, or one token; the last operator stays')
    .argument('[name]', 'whose')
    .option('--token <id>', 'only this token, as listed')
    .requiredOption('--because <text>', 'for the audit')
    .action((name: string | undefined, { token }: { token?: string }) => {
      if ((name === undefined) === (token === undefined)) {
        throw new CommandError('either a name or --token is needed', 'quittance operator list');
      }
      return inTransactionOf(async (tx) => {
        if (token !== undefined) return `a token of ${await revokeToken(tx, token)} has ended`;
        return `${(await dismiss(tx, name ?? '')).name} is a user without tokens now`;
      });
    });
  for (const [what, change, done] of [
    ['freeze', freezeAccount, 'is frozen: it can read, but open and withdraw nothing'],
    ['unfreeze', unfreezeAccount, 'can act again'],
  ] as const) {
    operator
      .command(what)
      .description(`${what} an account of anybody`)
      .argument('<name>', 'whose')
      .requiredOption('--because <text>', 'for the audit')
      .action((name: string, { because }: { because: string }) =>
        inTransactionOf(async (tx) => {
          await change(tx, name, because);
          return `${name} ${done}`;
        }),
      );
  }
}

function withTerms(command: Command): Command {
  return command
    .option('--label <text>', 'to tell tokens apart', 'command line')
    .option('--scopes <list>', `only these, of ${SCOPES.join(', ')}`, scopes)
    .option('--days <number>', 'how long the token lasts; for ever when left out', days);
}

function termsOf({ label, scopes: only, days: lasting }: Terms): TokenTerms {
  return {
    label,
    ...(only === undefined ? {} : { scopes: only }),
    ...(lasting === undefined ? {} : { days: lasting }),
  };
}

/** Prints what the work gives. */
async function inTransactionOf(work: (tx: ClientBase) => Promise<string>): Promise<void> {
  const line = await withPool((pool) => inTransaction(pool, work)).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    throw new CommandError(`${error.code}: ${error.detail}`, 'quittance operator list', {
      cause: error,
    });
  });
  process.stdout.write(`${line}\n`);
}

function scopes(text: string): Scope[] {
  const named = text.split(',').map((one) => one.trim());
  const known = SCOPES.filter((scope) => named.includes(scope));
  if (known.length === named.length) return known;
  throw new InvalidArgumentError(`of ${SCOPES.join(', ')}, separated by commas`);
}

function days(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number of days from 1 to 9999');
}
