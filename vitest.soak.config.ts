import { defineConfig } from 'vitest/config';

const HOUR = 3_600_000;

/** `npm run test:soak`: what takes too long for every change. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/server-addresses.ts'],
    passWithNoTests: true,
    pool: 'forks',
    fileParallelism: false,
    testTimeout: HOUR,
    hookTimeout: HOUR,
  },
});
