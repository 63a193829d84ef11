import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../../db/package-root.js';
import { ApiTester } from './tester.helper.js';

const run = promisify(execFile);
const ROOT = packageRoot();
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

const PROGRAM = `
import { type Action, type ActionArgs, QuittanceClient, QuittanceError } from '@quittance/sdk';
import { actionAnswer } from '@quittance/sdk/answers';

declare module '@quittance/sdk/operations' {
  interface ActionArgs {
    TIP_JAR: { readonly to: string; readonly sats: number };
  }
}
declare const process: { readonly argv: readonly string[] };

const [, , baseUrl = '', token = ''] = process.argv;
const quittance = new QuittanceClient({ baseUrl, token });
const { action } = await quittance.openAction({
  type: 'ITEM_CREATE',
  args: { title: 'opened by the installed package' },
  payment: 'invoice',
});
const seen: Action = actionAnswer.parse(await quittance.getAction(action.id));
// @ts-expect-error no attempt is ever in this state
if (seen.state === 'LOST') throw new Error('impossible');
console.log(seen.state, seen.attempts.length);
const tip = { to: 'a', sats: 1 } satisfies ActionArgs['TIP_JAR'];
// @ts-expect-error a tip says to whom
const noTip = { sats: 1 } satisfies ActionArgs['TIP_JAR'];
// @ts-expect-error a zap names its item by a text
const noZap = { itemId: 1, sats: 1 } satisfies ActionArgs['ZAP'];
if ([tip, noTip, noZap].length !== 3) throw new Error('impossible');
try {
  await quittance.openAction({ type: 'NOTHING', args: {} });
} catch (error) {
  if (!(error instanceof QuittanceError)) throw error;
  console.log(error.code);
}
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'DOM'],
    module: 'NodeNext',
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
  },
  include: ['main.ts'],
};

let tester: ApiTester;
let folder: string;

beforeAll(async () => {
  tester = await ApiTester.start();
  folder = await mkdtemp(join(tmpdir(), 'quittance-sdk-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await tester.close();
});

async function pack(): Promise<string> {
  const args = ['pack', '--workspace', 'sdk', '--pack-destination', folder];
  await run('npm', args, { cwd: ROOT });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack wrote no tarball');
  return join(folder, tarball);
}

/** Without the registry: dependencies are copied from the repository's node_modules. */
async function install(project: string, tarball: string): Promise<void> {
  const names = ['zod', '@noble/ciphers', '@noble/curves', '@noble/hashes'];
  const copies = names.map((name) => join(ROOT, 'node_modules', name));
  const options = ['--offline', '--install-links', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, tarball, ...copies], { cwd: project });
}

describe('the packed client', () => {
  it('is type-checked and works in an empty TypeScript project', async () => {
    const tarball = await pack();
    const project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    await writeFile(join(project, 'main.ts'), PROGRAM);
    await install(project, tarball);
    const installed = join(project, 'node_modules', '@quittance', 'sdk');
    expect((await readdir(installed)).sort()).toEqual([
      ...['LICENSE', 'README.md', 'dist', 'package.json'],
    ]);
    const compiled = await readdir(join(installed, 'dist'), { recursive: true });
    const others = compiled.filter((name) => !/\.(js|js\.map|d\.ts)$/.test(name));
    expect(others.sort()).toEqual(['answers', 'nwc']);
    await run(process.execPath, [TSC, '-p', project]).catch((error: unknown) => {
      throw new Error('the program is not type-correct', { cause: error });
    });
    const { authorization = '' } = await tester.account();
    const token = authorization.slice('Bearer '.length);
    const { stdout } = await run(process.execPath, ['main.js', tester.api.url, token], {
      cwd: project,
    });
    expect(stdout).toBe('PENDING 1\naction.unknown_type\n');
  });
});
