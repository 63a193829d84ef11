import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

const ROOT = resolve(import.meta.dirname, '..', '..');
const DIST = join(ROOT, 'dist');

/**
 * Tests import what the build has compiled, as it ships: Node loads the seven hundred files of an API in a second, where vitest
 * takes four to transform and run them. `npm test` asks for it after its build; without that, sources are current and `dist/` is not.
 */
export function compiledSources(): Plugin {
  return {
    name: 'compiled-sources',
    enforce: 'pre',
    resolveId(source, importer) {
      if (importer === undefined || !source.startsWith('.')) return undefined;
      const file = relative(ROOT, resolve(dirname(importer), source));
      const [folder = ''] = file.split(sep);
      if (folder === '..' || folder === 'test' || folder === 'dist') return undefined;
      const compiled = join(DIST, file);
      return existsSync(compiled) ? compiled : undefined;
    },
  };
}

/** Node itself imports these. */
export const COMPILED = new RegExp(`^(file://)?${DIST.replaceAll(/[^\w/]/g, '\\$&')}/`);
