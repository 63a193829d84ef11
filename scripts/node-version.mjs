const OLDEST = [20, 19];

/** Ends at once, with a clear message, where Node is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  process.stderr.write(
    `Quittance needs Node ${OLDEST.join('.')} or later; this is ${process.version} (${process.execPath}).\n` +
      'Install a newer one from https://nodejs.org, or with your version manager.\n',
  );
  process.exit(1);
}
