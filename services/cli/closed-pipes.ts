/**
 * Whoever reads the output may stop reading, as `head` does. The command then goes on in silence: its exit code says what it found,
 * not that nobody listened.
 */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
