/**
 * Milliseconds to wait after the n-th failure in a row, counted from 0: doubled each time up to `longestMs`, and up to half less
 * by chance, so that those that failed together do not come back together.
 */
export function backoffMs(failures: number, firstMs: number, longestMs: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30));
  return full * (1 - Math.random() / 2);
}
