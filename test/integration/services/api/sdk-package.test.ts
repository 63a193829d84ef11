import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ATTEMPT_STATES } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../../db/package-root.js';
import { attemptMachine } from '../../../../domain/actions/machine.js';
import { ApiTester } from './tester.helper.js';

const run = promisify(execFile);
const TSC = join(packageRoot(), 'node_modules', 'typescript', 'bin', 'tsc');

const PROGRAM = `
import { QuittanceClient, type Action } from '@quittance/sdk';
import { actionAnswer } from '@quittance/sdk/answers';

const [baseUrl = '', token = ''] = process.argv.slice(2);
const quittance = new QuittanceClient({ baseUrl, token });
const { action } = await quittance.openAction({
  type: 'ITEM_CREATE',
  args: { title: 'From an empty project' },
});
const seen: Action = actionAnswer.parse(await quittance.waitForAction(action.id));
console.log(seen.state, BigInt(seen.costMsat).toString());
`;

let tester: ApiTester;
let folder: string;
beforeAll(async () => {
  tester = await ApiTester.start();
  folder = await mkdtemp(join(tmpdir(), 'quittance-sdk-'));
});
afterAll(async () => {
  await tester.close();
  await rm(folder, { recursive: true, force: true });
});

const write = (name: string, content: object | string): Promise<void> =>
  writeFile(
    join(folder, name),
    typeof content === 'string' ? content : JSON.stringify(content, undefined, 2),
  );

describe('the sdk as a package', () => {
  it('knows the states of the machine', () => {
    expect(ATTEMPT_STATES).toEqual(attemptMachine.states);
  });

  it(
    'is packed, installed into an empty TypeScript project, type-checked and used',
    { timeout: 120_000 },
    async () => {
      const sdk = join(packageRoot(), 'sdk');
      const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], {
        cwd: sdk,
      });
      const [{ filename, files }] = JSON.parse(packed.stdout) as [
        { filename: string; files: { path: string }[] },
      ];
      expect(files.map(({ path }) => path)).toContain('dist/index.d.ts');
      expect(files.filter(({ path }) => !/^(dist\/|package.json|README.md)/.test(path))).toEqual(
        [],
      );

      await write('package.json', { name: 'empty', private: true, type: 'module' });
      await write('tsconfig.json', {
        compilerOptions: {
          ...{ target: 'ES2022', module: 'NodeNext', strict: true, outDir: 'out' },
          ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
        },
        files: ['program.ts', 'globals.d.ts'],
      });
      await write('globals.d.ts', 'declare const process: { argv: string[] };\n');
      await write('program.ts', PROGRAM);
      const install = ['install', join(folder, filename), '--prefer-offline', '--no-audit'];
      await run('npm', [...install, '--no-fund'], { cwd: folder });
      await run(process.execPath, [TSC, '-p', '.'], { cwd: folder });

      const headers = await tester.account(5_000n);
      const token = headers['authorization']?.slice('Bearer '.length) ?? '';
      const program = [join(folder, 'out', 'program.js'), tester.api.url, token];
      const { stdout } = await run(process.execPath, program, { cwd: folder });
      expect(stdout).toBe('PAID 1000\n');
    },
  );
});
