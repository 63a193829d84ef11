import type { Command } from 'commander';
import { live } from '../live-progress.js';
import { onStopRequest } from '../stop-request.js';
import { environmentHelp, satelliteEnvironment } from '../satellite/environment.js';

interface ServeOptions {
  readonly fresh?: boolean;
  readonly stations?: boolean;
}

export function addSatellite(program: Command): void {
  const satellite = program
    .command('satellite')
    .description(
      'start the servers and every process, and serve the Satellite API in place of its peer until Ctrl-C',
    )
    .option('--fresh', 'delete .quittance/ first')
    .option('--stations', 'also run the simulated ground stations, which confirm by themselves')
    .addHelpText('after', environmentHelp())
    .action(async ({ fresh = false, stations = false }: ServeOptions) => {
      const { startServers } = await import('../servers/start-servers.js');
      const { runUp } = await import('../up/run-up.js');
      const report = (line: string): void => live.print(line);
      const env = satelliteEnvironment(process.env);
      const demo = (): Promise<{ passed: number; failed: number }> => {
        report(`the Satellite API listens at http://${env['QUITTANCE_SATELLITE_LISTEN'] ?? ''}`);
        return Promise.resolve({ passed: 0, failed: 0 });
      };
      const without = stations ? [] : (['ground-station'] as const);
      process.exitCode = await runUp({
        ...{ env, fresh, once: false, startServers, demo, report, without },
      });
    });
  addListen(satellite);
}

interface ListenOptions {
  readonly group: string;
  readonly port: string;
  readonly interface: string;
  readonly channel?: string;
  readonly once?: boolean;
  readonly out?: string;
}

function addListen(satellite: Command): void {
  satellite
    .command('listen')
    .description(
      'receive what a station multicasts, in Blocksat packets, and show each message once',
    )
    .option('--group <address>', 'the multicast group', '239.0.0.2')
    .option('--port <number>', 'its port', '4433')
    .option('--interface <address>', 'the address of the interface to receive on', '127.0.0.1')
    .option('--channel <number>', 'only this channel')
    .option('--out <folder>', 'write each message to a file of this folder')
    .option('--once', 'end after one message')
    .action(async (options: ListenOptions) => {
      const { listenForMessages } = await import('../satellite/listen.js');
      await listenForMessages({
        group: options.group,
        port: Number(options.port),
        networkInterface: options.interface,
        once: options.once === true,
        ...(options.channel === undefined ? {} : { channel: Number(options.channel) }),
        ...(options.out === undefined ? {} : { folder: options.out }),
        report: (line) => void process.stdout.write(`${line}\n`),
        onStop: onStopRequest,
      });
    });
}
