import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildProgram } from '../../../../services/cli/program.js';
import { ARGUMENTS, quittance, useCommandLine } from './quittance.helper.js';

const NUM_RUNS = 12;
/** What a failure says that no door has foreseen. */
const UNFORESEEN = '--debug to see its stack';

useCommandLine();

/** As a shell gives arguments: no NUL, and no half of a character. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '0', '-1', '1e3', '0x10', '1.5', '9'.repeat(30), 'x'.repeat(5_000)),
    fc.constantFrom('é', '__proto__', '2027-02-30T00:00:00Z', '../..', "'; --", '\u001b[2J'),
  )
  .map((one) => one.toWellFormed().replaceAll('\0', ''))
  .filter((one) => !one.startsWith('-'));

const withArguments = Object.entries(ARGUMENTS).filter(([, args]) =>
  args.some((one) => !one.startsWith('--')),
);

it.each(withArguments)('arbitrary arguments of %s are refused in words', async (words, args) => {
  const places = args.flatMap((one, n) => (one.startsWith('--') ? [] : [n]));
  const property = fc.asyncProperty(fc.constantFrom(...places), text, async (place, given) => {
    const changed = args.map((one, n) => (n === place ? given : one));
    const { exitCode, said } = await quittance(buildProgram(), ...words.split(' '), ...changed);
    expect([0, 1, 2], said).toContain(exitCode);
    expect(said, JSON.stringify(changed)).not.toContain(UNFORESEEN);
  });
  await fc.assert(property, { numRuns: NUM_RUNS });
});
