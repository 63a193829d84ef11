import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** Every executable of that name on PATH, the first one first. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const files = [...new Set(folders)].map((folder) => join(folder, name));
  const there = await Promise.all(files.map(isExecutable));
  return files.filter((_, index) => there[index]);
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
