import type { Command } from 'commander';
import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditRow, readAudit } from '../../../../engine/audit.js';
import { AUDITED, wordsOf } from '../../../../services/cli/audited.js';
import { buildProgram } from '../../../../services/cli/program.js';
import { testPool } from '../../../support/empty-database.js';
import { ARGUMENTS, quittance, useCommandLine } from './quittance.helper.js';

const database = useCommandLine();
let pool: Pool;
beforeAll(() => {
  pool = testPool(database().url, 2);
});
afterAll(() => pool.end());

async function rowsAfter(before: readonly AuditRow[]): Promise<AuditRow[]> {
  const newest = before[0]?.id ?? 0n;
  return (await readAudit(pool, { limit: 10 })).filter(({ id }) => id > newest).reverse();
}

/** Commands that do something, not groups of them. */
function leavesOf(command: Command): Command[] {
  const below = command.commands.flatMap(leavesOf);
  const acts = command.commands.length === 0 || command.name() === 'satellite';
  return acts && command.parent !== null ? [command, ...below] : below;
}

describe('the audit of commands', () => {
  it('says of each what it holds, and of no other', () => {
    const words = leavesOf(buildProgram()).map(wordsOf);
    expect(Object.keys(AUDITED).sort()).toEqual(words.sort());
    const audited = words.filter((one) => AUDITED[one] !== 'nothing');
    expect(Object.keys(ARGUMENTS).sort()).toEqual(audited.sort());
  });

  it.each(Object.entries(ARGUMENTS))('has %s', async (words, args) => {
    const before = await readAudit(pool, { limit: 1 });
    const { exitCode, said } = await quittance(buildProgram(), ...words.split(' '), ...args);
    const [first, second, ...more] = await rowsAfter(before);
    expect(first, said).toMatchObject({
      ...{ act: words, via: 'cli', role: 'command line', address: hostname() },
      because: args.includes('--because') ? 'a test' : null,
    });
    expect(more).toEqual([]);
    if (AUDITED[words] === 'read') expect(second).toBeUndefined();
    else {
      const detail = { exitCode, of: `${first?.id}` };
      expect(second, said).toMatchObject({ act: 'answered', detail });
    }
    // It cannot be erased: what belongs to persons and what is secret stays out.
    const text = JSON.stringify(await rowsAfter(before), (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    expect(text).not.toMatch(/somebody@example|abababab/);
  });

  it('says to whom and with what', async () => {
    const before = await readAudit(pool, { limit: 1 });
    await quittance(
      buildProgram(),
      'operator',
      'create',
      'dora',
      '--role',
      'finance',
      '--days',
      '9',
    );
    const letters = ['999999998', '999999999'];
    await quittance(
      ...([
        buildProgram(),
        'deadletters',
        'acknowledge',
        ...letters,
        '--because',
        'a test',
      ] as const),
    );
    const rows = await rowsAfter(before);
    expect(rows[0]).toMatchObject({ target: 'dora', detail: { role: 'finance', days: 9 } });
    expect(rows[1]?.detail).toMatchObject({ exitCode: 0 });
    expect(rows[2]).toMatchObject({ target: letters.join('/'), because: 'a test' });
    expect(rows[3]?.detail).toMatchObject({ exitCode: 1 });
  });

  it('comes first: what cannot be audited is not done', async () => {
    await pool.query('alter table audit_log rename to away');
    try {
      const { exitCode, said } = await quittance(buildProgram(), 'operator', 'create', 'unseen');
      expect([exitCode, said]).toEqual([2, expect.stringContaining('nothing was done')]);
      const { rowCount } = await pool.query(`select from accounts where name = 'unseen'`);
      expect(rowCount).toBe(0);
    } finally {
      await pool.query('alter table away rename to audit_log');
    }
  });

  it('refuses a command of which it knows nothing', async () => {
    const program = buildProgram();
    let ran = false;
    program.command('new-one').action(() => {
      ran = true;
    });
    const { exitCode, said } = await quittance(program, 'new-one');
    expect([exitCode, ran, said]).toEqual([
      1,
      false,
      expect.stringContaining('new-one is missing'),
    ]);
  });
});
