import type { Command } from 'commander';
import { runDemo } from '../demo/index.js';
import { startServers } from '../servers/start-servers.js';
import { runUp } from '../up/run-up.js';

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start the servers and every process, run the demo, and serve until Ctrl-C')
    .option('--once', 'stop everything after the demo; fails when the demo did')
    .option('--fresh', 'empty .quittance/ first')
    .action(async ({ once = false, fresh = false }: { once?: boolean; fresh?: boolean }) => {
      const report = (line: string): void => void process.stdout.write(`${line}\n`);
      const { env } = process;
      process.exitCode = await runUp({ env, fresh, once, startServers, demo: runDemo, report });
    });
}
