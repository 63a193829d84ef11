// node scripts/bootstrap.mjs <command> [args]: installs and builds what is missing, then runs the
// command line. Plain Node and no packages: nothing is installed when it begins.
import { requireNode } from './node-version.mjs';

requireNode();

const { main } = await import('./main.mjs');
process.exitCode = await main(process.argv.slice(2));
