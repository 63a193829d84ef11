import { type Command, Option } from 'commander';
import { live } from '../live-progress.js';

interface Options {
  readonly once?: boolean;
  readonly fresh?: boolean;
  readonly lightning?: 'simulator' | 'lnd';
}

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start the servers and every process, run the demo, and serve until Ctrl-C')
    .option('--once', 'stop everything after the demo; fails when the demo fails')
    .option('--fresh', 'delete .quittance/ first')
    .addOption(
      new Option(
        '--lightning <node>',
        'the Lightning node: simulator (default), or lnd: three real nodes on regtest, which Go builds once',
      ).choices(['simulator', 'lnd']),
    )
    .action(async ({ once = false, fresh = false, lightning }: Options) => {
      // Imported here: other commands do not need the clients of three servers.
      const { runDemo } = await import('../demo/index.js');
      const { startServers } = await import('../servers/start-servers.js');
      const { runUp } = await import('../up/run-up.js');
      const report = (line: string): void => live.print(line);
      const { env } = process;
      const options = { env, fresh, once, lightning, startServers, demo: runDemo, report };
      process.exitCode = await runUp(options);
    });
}
