import { defineConfig } from 'vitest/config';
import { COMPILED, compiledSources } from './test/support/compiled-sources.js';

const MINUTE = 60_000;

/** Set by `npm test`, which builds first. */
const isCompiled = process.env['TEST_COMPILED'] === '1';
const plugins = isCompiled ? [compiledSources()] : [];

/** Suites run one after the other. */
const onServers = {
  pool: 'forks',
  fileParallelism: false,
  testTimeout: MINUTE,
  hookTimeout: 5 * MINUTE,
  server: { deps: { external: isCompiled ? [COMPILED] : [] } },
} as const;

/** Each file has a database of its own, and needs nothing else that is shared: several run at a time. */
const ON_A_DATABASE = ['db', 'engine', 'adapters', 'simulators', 'services/api'].map(
  (folder) => `test/integration/${folder}/**/*.test.ts`,
);
/** What is killed, paused or late has to be so in time: a system alone. */
const WITH_FAULTS = ['chaos', 'crashes', 'failpoints', 'nats-emptied', 'storm'].map(
  (name) => `test/e2e/${name}.test.ts`,
);
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
        plugins,
        test: {
          name: 'workflow',
          include: ['test/workflow/**/*.test.ts'],
          ...onServers,
          ...shared,
          // Each file has a database and a task queue of its own, and mostly waits for timers.
          fileParallelism: true,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins,
        test: {
          name: 'database',
          include: ON_A_DATABASE,
          ...onServers,
          ...shared,
          fileParallelism: true,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        plugins,
        test: {
          name: 'servers',
          include: ['test/integration/**/*.test.ts'],
          exclude: ON_A_DATABASE,
          ...onServers,
          ...shared,
          // Files use the same streams and queues: each worker has servers of its own.
          fileParallelism: true,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        plugins,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: WITH_FAULTS,
          ...onServers,
          // Each file starts a whole system of its own.
          fileParallelism: true,
          maxWorkers: 2,
          testTimeout: 5 * MINUTE,
          sequence: { groupOrder: 4 },
        },
      },
      {
        plugins,
        test: {
          name: 'faults',
          include: WITH_FAULTS,
          ...onServers,
          testTimeout: 5 * MINUTE,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
