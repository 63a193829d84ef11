import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../../../db/package-root.js';

export interface Asset {
  readonly contentType: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
}

export interface Assets {
  /** By the hashed name. */
  readonly byName: ReadonlyMap<string, Asset>;
  /** `live.js` to `live.0123456789ab.js`. Throws where there is none. */
  hashed(name: string): string;
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

const IMPORT = /from '\.\/([a-z-]+\.js)'/g;

/**
 * Scripts and styles are served as they are written, and read once. Only the names of scripts that they import become hashed ones, so
 * that a page and its scripts name the same module.
 */
export function readAssets(folder = assetsFolder()): Assets {
  const byName = new Map<string, Asset>();
  const names = new Map<string, string>();
  const hashed = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const [, stem = '', end = ''] = /^([a-z-]+)\.([a-z]+)$/.exec(name) ?? [];
    const contentType = TYPES[end];
    if (contentType === undefined || !existsSync(join(folder, name))) {
      throw new Error(`there is no asset ${name}`);
    }
    const text = readFileSync(join(folder, name), 'utf8');
    const body = Buffer.from(
      text.replace(IMPORT, (_, other: string) => `from './${hashed(other)}'`),
    );
    const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
    byName.set(`${stem}.${digest}.${end}`, {
      contentType,
      body,
      gzipped: gzipSync(body, { level: 9 }),
    });
    names.set(name, `${stem}.${digest}.${end}`);
    return `${stem}.${digest}.${end}`;
  };
  for (const name of readdirSync(folder)) {
    // Beside them is what their types are checked by.
    if (!name.endsWith('.json')) hashed(name);
  }
  return { byName, hashed };
}

function assetsFolder(): string {
  return join(packageRoot(), 'services', 'api', 'pages', 'assets');
}
