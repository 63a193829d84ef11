import { runBench } from './run.js';
import { parseOptions, USAGE } from './options.js';

const options = parseOptions(process.argv.slice(2));
if (options === undefined) {
  process.stdout.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  await runBench(options);
}
