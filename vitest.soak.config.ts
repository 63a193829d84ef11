import { defineConfig } from 'vitest/config';

const HOUR = 3_600_000;

/** `npm run test:soak`: tests that take too long for every change. They start their own servers. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 24 * HOUR,
    hookTimeout: HOUR,
  },
});
