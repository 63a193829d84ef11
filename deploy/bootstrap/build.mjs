import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesUnder } from './files-under.mjs';
import { root } from './root.mjs';
import { runQuietly } from './run.mjs';
import { withProgress } from './say.mjs';

const SOURCES = ['domain', 'db', 'activities', 'workflows', 'services', join('test', 'bench')];
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

const dist = join(root, 'dist');

/** Compiles what changed since the last build, and bundles the workflows when they did. */
export async function build() {
  await whenChanged('services', stateOfSources(), compile);
  if (existsSync(join(dist, 'workflows', 'index.js'))) {
    await whenChanged('workflow-bundle.js', contentOfWorkflows(), bundle);
  }
}

/** Does the work unless it made the same from the same before, and that is still there. */
async function whenChanged(made, state, work) {
  const stamp = join(dist, `.${made}.made-from`);
  const before = existsSync(stamp) && existsSync(join(dist, made)) && readFileSync(stamp, 'utf8');
  if (before === state) return;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, state);
}

async function compile() {
  removeOrphans();
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await withProgress('sources: compiling', () =>
    runQuietly('tsc -p tsconfig.build.json', process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
      cwd: root,
    }),
  );
}

async function bundle() {
  const script = join(dist, 'services', 'worker', 'bundle.js');
  await withProgress('workflows: bundling', () =>
    runQuietly('bundling the workflows', process.execPath, [script], { cwd: root }),
  );
}

/** What was compiled from a source that is no longer there. */
function removeOrphans() {
  for (const folder of SOURCES) {
    for (const file of filesUnder(join(dist, folder), '.js')) {
      const source = join(root, relative(dist, file)).replace(/\.js$/, '.ts');
      if (!existsSync(source)) for (const end of ['', '.map']) rmSync(file + end, { force: true });
    }
  }
}

function stateOfSources() {
  const hash = createHash('sha256');
  const sources = SOURCES.flatMap((folder) => filesUnder(join(root, folder), '.ts'));
  for (const file of [...sources, ...CONFIGURATION.map((name) => join(root, name))]) {
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
