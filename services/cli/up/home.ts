import { join } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';

/** Where `quittance up` keeps its data, logs and the operator's token. */
export interface Home {
  readonly folder: string;
  readonly logs: string;
  readonly operatorToken: string;
}

export function homeIn(root: string = packageRoot()): Home {
  const folder = join(root, '.quittance');
  return { folder, logs: join(folder, 'logs'), operatorToken: join(folder, 'operator-token') };
}
