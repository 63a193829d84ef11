/** Calls from so many callers, each with one call in flight: how long all took, and each. */
export async function callAtOnce(
  callers: number,
  count: number,
  call: () => Promise<unknown>,
): Promise<{ readonly seconds: number; readonly times: readonly number[] }> {
  const times: number[] = [];
  let left = count;
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const startedAt = performance.now();
      await call();
      times.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return { seconds: (performance.now() - startedAt) / 1000, times };
}
