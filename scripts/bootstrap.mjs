// node scripts/bootstrap.mjs <command> [args]: installs and builds what is missing, then runs the
// command. Uses only Node itself: no package is installed at first.
const OLDEST_NODE = [20, 19];

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  process.stderr.write(
    `Quittance needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.version} (${process.execPath}).\n` +
      'Install a newer one from https://nodejs.org, or with your version manager.\n',
  );
  process.exit(1);
}

requireNode();

// Imported after the check: an older Node may not be able to parse it.
const { main } = await import('./main.mjs');
process.exitCode = await main(process.argv.slice(2));
