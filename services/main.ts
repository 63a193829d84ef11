/**
 * The entry of the container image: `node dist/services/main.js <process> [arguments]`. The process itself is
 * process 1, so that signals reach it. Anything that is no process is a command of `quittance`.
 */
const PROCESSES: Readonly<Record<string, string>> = {
  api: './api/main.js',
  worker: './worker/main.js',
  relay: './relay/main.js',
  lightning: './lightning/main.js',
  'ground-station': './ground-station/main.js',
  'codec-server': './codec-server/main.js',
  'lightning-simulator': '../simulators/lightning/main.js',
  'store-simulator': '../simulators/store/main.js',
};

const [name = '--help'] = process.argv.slice(2);
const own = Object.hasOwn(PROCESSES, name) ? PROCESSES[name] : undefined;
await import(own ?? './cli/main.js');

export {};
