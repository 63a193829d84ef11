import { defineConfig } from 'vitest/config';

const MINUTE = 60_000;

/** Suites run one after the other. Suites with servers run one file at a time, because their tests share the servers. */
const onServers = {
  pool: 'forks',
  fileParallelism: false,
  testTimeout: MINUTE,
  hookTimeout: 5 * MINUTE,
} as const;

const shared = {
  // Started once per run, by the first of the two suites.
  globalSetup: ['test/support/global-setup.ts'],
  setupFiles: ['test/support/server-addresses.ts'],
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          pool: 'forks',
          testTimeout: MINUTE,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'workflow',
          include: ['test/workflow/**/*.test.ts'],
          ...onServers,
          ...shared,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          ...onServers,
          ...shared,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...onServers,
          testTimeout: 5 * MINUTE,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
