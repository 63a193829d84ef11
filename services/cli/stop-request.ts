const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls the listener at each Ctrl-C, kill or closed terminal, and when the script that started us ends. */
export function onStopRequest(listener: (reason: string) => void): void {
  for (const signal of SIGNALS) process.on(signal, () => listener(signal));
  process.once('disconnect', () => listener('the end of its parent process'));
  // The channel must not keep this process alive when there is nothing left to do.
  process.channel?.unref();
}
