// node deploy/bootstrap.mjs <command> [args]: installs and builds what is missing, then runs the
// command line. Plain Node and no packages: nothing is installed when it begins.
import { requireNode } from './bootstrap/node-version.mjs';

requireNode();

const { main } = await import('./bootstrap/main.mjs');
process.exitCode = await main(process.argv.slice(2));
