import type { Kind } from '../binary.js';

/** The command line of Temporal, which carries a development server with it. */
export const TEMPORAL: Kind = {
  program: 'temporal',
  version: /Server (\d+)\.(\d+)\.(\d+)/,
  minimum: [1, 28],
};
