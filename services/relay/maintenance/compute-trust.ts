import { Worker } from 'node:worker_threads';
import { z } from 'zod';

/** What the thread is told, and what it says at its end: how many territories were computed. */
export const trustInput = z.object({ databaseUrl: z.string() });
export const trustOutput = z.number();

/** Computes in a thread what is due; once `signal` aborts, the thread ends and the next one goes on. Gives how many territories. */
export function computeTrust(databaseUrl: string, signal: AbortSignal): Promise<number> {
  const input: z.input<typeof trustInput> = { databaseUrl };
  const thread = new Worker(new URL('./trust-thread.js', import.meta.url), { workerData: input });
  const stop = (): void => void thread.terminate();
  signal.addEventListener('abort', stop, { once: true });
  return new Promise<number>((resolve, reject) => {
    let computed = 0;
    thread.once('message', (message) => (computed = trustOutput.parse(message)));
    thread.once('error', reject);
    thread.once('exit', () => resolve(computed));
  }).finally(() => signal.removeEventListener('abort', stop));
}
