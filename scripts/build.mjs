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
const dist = join(root, 'dist');

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

/** Everything else imports it as a package, so it comes first. */
async function buildSdk() {
  const out = join(root, 'sdk', 'dist');
  const files = filesUnder(join(root, 'sdk', 'src'), '.ts');
  const project = join('sdk', 'tsconfig.json');
  await whenChanged(out, 'index.js', stateOf(files, project), async () => {
    rmSync(out, { recursive: true, force: true });
    await withProgress('sdk: compiling', () => tsc(project));
  });
}

function compile(name, project, out, folders) {
  const made = join(root, out);
  const files = folders.flatMap((folder) =>
    ['.ts', '.tsx'].flatMap((end) => filesUnder(join(root, folder), end)),
  );
  const state = stateOf([...files, ...filesUnder(join(root, 'sdk', 'src'), '.ts')], project);
  return whenChanged(made, folders.at(-1), state, async () => {
    removeOrphans(made, folders);
    await withProgress(`${name}: compiling`, () => tsc(project));
  });
}

function tsc(project) {
  const script = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [script, '-p', project];
  return runQuietly(`tsc -p ${project}`, process.execPath, args, { cwd: root });
}

/** Does the work unless it made the same from the same before, and that is still there. */
async function whenChanged(folder, made, state, work) {
  const stamp = join(folder, `.${made.replaceAll('/', '-')}.made-from`);
  const before = existsSync(stamp) && existsSync(join(folder, made)) && readFileSync(stamp, 'utf8');
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

/** What was compiled from a source that is no longer there. */
function removeOrphans(made, folders) {
  for (const folder of folders) {
    for (const file of filesUnder(join(made, folder), '.js')) {
      const source = join(root, relative(made, file)).replace(/\.js$/, '.ts');
      if (!existsSync(source) && !existsSync(`${source}x`))
        for (const end of ['', '.map']) rmSync(file + end, { force: true });
    }
  }
}

function stateOf(sources, project) {
  const hash = createHash('sha256');
  const configuration = ['tsconfig.json', 'tsconfig.build.json', project, 'package-lock.json'];
  for (const file of [...sources, ...configuration.map((name) => join(root, name))]) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Workflows are bundled with the rules they import; of everything else they know only types. */
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
