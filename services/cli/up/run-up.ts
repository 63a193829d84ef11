import { once } from 'node:events';
import { onStopRequest } from '../stop-request.js';
import { Teardown } from './teardown.js';
import { up, type UpOptions, type UpResult } from './up.js';

/**
 * `quittance up`: starts everything, runs the demo, serves until a signal (not with `once`), and stops
 * everything. Gives the exit code.
 */
export async function runUp(
  options: Omit<UpOptions, 'signal'> & { readonly once: boolean },
): Promise<number> {
  const { report } = options;
  const teardown = new Teardown();
  const signal = abortOnSignals(teardown, report);
  let result: UpResult | undefined;
  try {
    result = await up({ ...options, signal }, teardown);
    if (!options.once) {
      report(`\n${result.addresses}\n\n${summary(result)}\nIt runs until Ctrl-C.`);
      if (!signal.aborted) await once(signal, 'abort');
    }
  } catch (error) {
    // After Ctrl-C, errors are its consequence.
    if (!signal.aborted) throw error;
  } finally {
    if (!teardown.isEmpty) report('stopping');
    await teardown.run();
  }
  if (result === undefined) return INTERRUPTED;
  if (options.once) report(summary(result));
  return result.demo.failed === 0 ? 0 : 1;
}

const INTERRUPTED = 130;

function summary({ demo: { passed, failed } }: UpResult): string {
  return `demo: ${passed} passed, ${failed} failed`;
}

/** The first signal stops everything, the second kills the processes, the third exits at once. */
function abortOnSignals(teardown: Teardown, report: (line: string) => void): AbortSignal {
  const stop = new AbortController();
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals === 1) stop.abort();
    else if (signals === 2) {
      report('killing the processes without waiting for them to drain');
      teardown.killAll();
    } else process.exit(1);
  };
  onStopRequest(onSignal);
  // When the terminal is closed, writing to it fails, which must not end the teardown.
  process.stdout.on('error', () => undefined);
  return stop.signal;
}
