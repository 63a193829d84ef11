import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
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

/** Scripts and styles are served as they are written: no step makes them. They are read once. */
export function readAssets(folder = assetsFolder()): Assets {
  const byName = new Map<string, Asset>();
  const names = new Map<string, string>();
  for (const name of readdirSync(folder).sort()) {
    const [, stem, end = ''] = /^([a-z-]+)\.([a-z]+)$/.exec(name) ?? [];
    const contentType = TYPES[end];
    if (stem === undefined || contentType === undefined) continue;
    const body = readFileSync(join(folder, name));
    const hashed = `${stem}.${createHash('sha256').update(body).digest('hex').slice(0, 12)}.${end}`;
    byName.set(hashed, { contentType, body, gzipped: gzipSync(body, { level: 9 }) });
    names.set(name, hashed);
  }
  return {
    byName,
    hashed: (name) => {
      const hashed = names.get(name);
      if (hashed === undefined) throw new Error(`there is no asset ${name}`);
      return hashed;
    },
  };
}

function assetsFolder(): string {
  return join(packageRoot(), 'services', 'api', 'pages', 'assets');
}
