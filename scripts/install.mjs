import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { runQuietly } from './run.mjs';
import { withProgress } from './say.mjs';

const modules = join(root, 'node_modules');
const stamp = join(modules, '.quittance-lock');

/** `npm ci`, when node_modules is missing or is not what package-lock.json says. */
export async function install() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  if (!isInstalled(JSON.parse(lock))) {
    await withProgress('npm packages: installing', () => runQuietly('npm ci', ...npmCi()));
  }
  writeFileSync(stamp, hash);
}

/** npm keeps what it installed in a lock of its own: `npm install` by hand needs no second round. */
function isInstalled({ packages }) {
  const file = join(modules, '.package-lock.json');
  if (!existsSync(file)) return false;
  const installed = JSON.parse(readFileSync(file, 'utf8')).packages;
  const wanted = Object.entries(packages).filter(([path]) => path !== '');
  return (
    wanted.every(([path, { version, optional }]) =>
      installed[path] === undefined ? optional === true : installed[path].version === version,
    ) && Object.keys(installed).every((path) => packages[path] !== undefined)
  );
}

function npmCi() {
  // With the development packages, whatever NODE_ENV says: the compiler is one of them.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js')
    ? [process.execPath, [npm, ...args], { cwd: root }]
    : ['npm', args, { cwd: root }];
}
