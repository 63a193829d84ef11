import { defineConfig } from 'vitest/config';

const HOUR = 3_600_000;

/** `npm run test:soak`: what takes too long for every change. It starts servers of its own. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 24 * HOUR,
    hookTimeout: HOUR,
  },
});
