import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { packageRoot } from '../../db/package-root.js';

/** An entry of the client as a browser gets it, whole: everything that it exports is kept. `folder` is for what is written meanwhile. */
export async function bundledSdk(entry: string, folder: string): Promise<string> {
  const main = join(folder, entry.replaceAll('/', '-'));
  const source = join(packageRoot(), 'sdk', 'dist', entry);
  await writeFile(main, `export * from ${JSON.stringify(source)};`);
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    root: folder,
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      lib: { entry: main, formats: ['es'], fileName: 'sdk' },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  return outputs
    .flatMap((one) => ('output' in one ? one.output : []))
    .map((part) => ('code' in part ? part.code : ''))
    .join('');
}
