import type { Command } from 'commander';
import { live } from '../live-progress.js';

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start the servers and every process, run the demo, and serve until Ctrl-C')
    .option('--once', 'stop everything after the demo; fails when the demo fails')
    .option('--fresh', 'delete .quittance/ first')
    .action(async ({ once = false, fresh = false }: { once?: boolean; fresh?: boolean }) => {
      // Imported here: other commands do not need the clients of three servers.
      const { runDemo } = await import('../demo/index.js');
      const { startServers } = await import('../servers/start-servers.js');
      const { runUp } = await import('../up/run-up.js');
      const report = (line: string): void => live.print(line);
      const { env } = process;
      process.exitCode = await runUp({ env, fresh, once, startServers, demo: runDemo, report });
    });
}
