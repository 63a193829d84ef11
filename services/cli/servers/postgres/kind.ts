import type { Version } from '../version.js';

export const POSTGRES = {
  version: /\(PostgreSQL\) (\d+)(?:\.(\d+))?/,
  minimum: [15] satisfies Version,
} as const;
