import { once } from 'node:events';
import { onStopRequest } from '../stop-request.js';
import { Teardown } from './teardown.js';
import { up, type UpOptions, type UpResult } from './up.js';

/**
 * The life of `quittance up`: everything up, the demo, then serving until a signal (not with
 * `once`), and everything stopped. Gives the exit code.
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
    // What fails after Ctrl-C fails because of it.
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

/** The first signal stops, the second kills what drains, the third gives up. */
function abortOnSignals(teardown: Teardown, report: (line: string) => void): AbortSignal {
  const stop = new AbortController();
  let told = 0;
  const onSignal = (): void => {
    told += 1;
    if (told === 1) stop.abort();
    else if (told === 2) {
      report('not waiting for the processes to drain');
      teardown.killAll();
    } else process.exit(1);
  };
  onStopRequest(onSignal);
  // The terminal may be gone as well, and what is reported then must not end the teardown.
  process.stdout.on('error', () => undefined);
  return stop.signal;
}
