import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesUnder, root } from './paths.mjs';
import { runQuietly } from './run.mjs';
import { withProgress } from './say.mjs';

/** What ships; the benchmark is compiled apart from it. */
const SHIPPED = [
  'domain',
  'db',
  'engine',
  'adapters',
  'activities',
  'workflows',
  'services',
  'simulators',
];
const BENCH = join('test', 'bench');
const SDK = join('sdk', 'src');
const dist = join(root, 'dist');
const sdkDist = join(root, 'sdk', 'dist');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** Compiles what changed since the last build, and bundles the workflows when they did. */
export async function build() {
  await buildSdk();
  await compile('sources', 'tsconfig.build.json', 'dist', SHIPPED);
  if (existsSync(join(dist, 'workflows', 'index.js'))) {
    await whenChanged(dist, 'workflow-bundle.js', contentOfWorkflows(), bundle);
  }
}

/** The benchmark, with its own copy of what it measures. */
export async function buildBench() {
  await build();
  await compile('benchmark', 'tsconfig.bench.json', 'dist-bench', [...SHIPPED, BENCH]);
}

/** The client's package, which the rest imports by its name; so it is built first. */
function buildSdk() {
  const state = stateOf([SDK], join('sdk', 'tsconfig.json'), join('sdk', 'package.json'));
  return whenChanged(sdkDist, 'index.js', state, async () => {
    removeOrphans(sdkDist, join(root, SDK));
    await withProgress('sdk: compiling', () =>
      // Without --force tsc trusts its build info, also where compiled files were deleted.
      runQuietly('tsc -b sdk', process.execPath, [tsc, '-b', '--force', 'sdk'], { cwd: root }),
    );
  });
}

function compile(name, project, out, folders) {
  const output = join(root, out);
  return whenChanged(output, folders.at(-1), stateOf([...folders, SDK], project), async () => {
    for (const folder of folders) removeOrphans(join(output, folder), join(root, folder));
    await withProgress(`${name}: compiling`, () =>
      runQuietly(`tsc -p ${project}`, process.execPath, [tsc, '-p', project], { cwd: root }),
    );
  });
}

/** Does the work, unless `output` is still there and was built from the same state. */
async function whenChanged(folder, output, state, work) {
  const stamp = join(folder, `.${output.replaceAll('/', '-')}.made-from`);
  const isThere = existsSync(stamp) && existsSync(join(folder, output));
  const before = isThere && readFileSync(stamp, 'utf8');
  if (before === state) return;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(folder, { recursive: true });
  writeFileSync(stamp, state);
}

async function bundle() {
  const script = join(dist, 'services', 'worker', 'bundle.js');
  await withProgress('workflows: bundling', () =>
    runQuietly('bundling the workflows', process.execPath, [script], { cwd: root }),
  );
}

/** Removes what was compiled from a source that no longer exists. */
function removeOrphans(compiled, sources) {
  for (const file of filesUnder(compiled, '.js')) {
    const stem = file.slice(0, -'.js'.length);
    if (existsSync(`${join(sources, relative(compiled, stem))}.ts`)) continue;
    for (const end of ['.js', '.js.map', '.d.ts']) rmSync(stem + end, { force: true });
  }
}

function stateOf(folders, ...projectFiles) {
  const hash = createHash('sha256');
  const sources = folders.flatMap((folder) => filesUnder(join(root, folder), '.ts'));
  const configuration = [
    ...['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    ...projectFiles,
  ];
  for (const file of [...sources, ...configuration.map((name) => join(root, name))]) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Workflows are bundled with the rules that they import; everything else they import as types only. */
function contentOfWorkflows() {
  const hash = createHash('sha256');
  for (const folder of ['workflows', 'domain']) {
    for (const file of filesUnder(join(dist, folder), '.js')) {
      hash.update(`${relative(dist, file)}\n`).update(readFileSync(file));
    }
  }
  hash.update(readFileSync(join(root, 'package-lock.json')));
  return hash.digest('hex');
}
