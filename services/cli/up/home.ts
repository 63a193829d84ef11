import { join, resolve } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';

/** Where `quittance up` keeps its data, logs and the operator's token. */
export interface Home {
  readonly folder: string;
  readonly logs: string;
  readonly operatorToken: string;
}

/** The folder that was asked for, else .quittance/ beside package.json. */
export function homeIn(dataDir: string | undefined): Home {
  const folder = dataDir === undefined ? join(packageRoot(), '.quittance') : resolve(dataDir);
  return { folder, logs: join(folder, 'logs'), operatorToken: join(folder, 'operator-token') };
}
