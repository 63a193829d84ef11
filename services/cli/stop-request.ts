const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Told of each Ctrl-C, kill or closed terminal, and of the end of the script that started us. */
export function onStopRequest(listener: (reason: string) => void): void {
  for (const signal of SIGNALS) process.on(signal, () => listener(signal));
  process.once('disconnect', () => listener('the end of the process that started it'));
  // Listening must not keep us alive once there is nothing left to do.
  process.channel?.unref();
}
