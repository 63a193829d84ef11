import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';

/** NODE_OPTIONS of a process whose heap is measured by {@link heapAfterCollection}. */
export const INSPECTABLE = '--inspect=127.0.0.1:0';

const LISTENING = /Debugger listening on (ws:\S+)/g;

/** The inspector address of the process that was started last, from the log with its stderr. */
export function inspectorUrl(log: string): string {
  const url = [...log.matchAll(LISTENING)].at(-1)?.[1];
  if (url === undefined) throw new Error(`no inspector listens: set NODE_OPTIONS=${INSPECTABLE}`);
  return url;
}

/** Calls a method of V8's inspector in one thread. */
type Ask = (method: string) => Promise<unknown>;

const heapUsage = z.object({ usedSize: z.number() });

/** Enough for two collections in every thread. */
const TIMEOUT_MS = 60_000;

/** Heap size in bytes, summed over all threads of a process, after a garbage collection. Rejects when the process does not answer in time. */
export async function heapAfterCollection(
  url: string,
  timeoutMs: number = TIMEOUT_MS,
): Promise<number> {
  const socket = new WebSocket(url);
  const size = heapOf(socket);
  try {
    return await Promise.race([size, failureOf(socket, timeoutMs)]);
  } finally {
    socket.terminate();
  }
}

async function heapOf(socket: WebSocket): Promise<number> {
  await once(socket, 'open');
  const threads = await new Inspector(socket).threads();
  // Twice: the second collection frees what the first left to finalizers.
  for (const ask of [...threads, ...threads]) await ask('HeapProfiler.collectGarbage');
  const usages = await Promise.all(threads.map((ask) => ask('Runtime.getHeapUsage')));
  return usages.reduce<number>((sum, usage) => sum + heapUsage.parse(usage).usedSize, 0);
}

function failureOf(socket: WebSocket, timeoutMs: number): Promise<never> {
  return new Promise((_, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the inspected process closed the connection')));
    AbortSignal.timeout(timeoutMs).addEventListener('abort', () =>
      reject(new Error(`the inspected process has not answered within ${timeoutMs / 1000} s`)),
    );
  });
}

const answer = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const attached = z.object({
  method: z.literal('NodeWorker.attachedToWorker'),
  params: z.object({ sessionId: z.string() }),
});
const fromWorker = z.object({
  method: z.literal('NodeWorker.receivedMessageFromWorker'),
  params: z.object({ message: z.string() }),
});
const message = z.union([answer, attached, fromWorker, z.object({ method: z.string() })]);

interface Asked {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** V8's inspector protocol with Node's domain NodeWorker, through which worker threads are reached. */
class Inspector {
  readonly #asked = new Map<number, Asked>();
  readonly #workers: string[] = [];
  #id = 0;

  constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.#receive(data.toString()));
  }

  /** The main thread and all worker threads. */
  async threads(): Promise<Ask[]> {
    // The answer comes after an attachedToWorker event for each thread.
    await this.#ask('NodeWorker.enable', { waitForDebuggerOnStart: false });
    return [
      (method) => this.#ask(method),
      ...this.#workers.map(
        (id): Ask =>
          (method) =>
            this.#askWorker(id, method),
      ),
    ];
  }

  #ask(method: string, params: object = {}): Promise<unknown> {
    const id = (this.#id += 1);
    const answered = this.#answerTo(id);
    this.socket.send(JSON.stringify({ id, method, params }));
    return answered;
  }

  async #askWorker(sessionId: string, method: string): Promise<unknown> {
    const id = (this.#id += 1);
    const answered = this.#answerTo(id);
    const params = { sessionId, message: JSON.stringify({ id, method }) };
    return (await Promise.all([answered, this.#ask('NodeWorker.sendMessageToWorker', params)]))[0];
  }

  #answerTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  #receive(text: string): void {
    const received = message.parse(JSON.parse(text));
    if ('id' in received) this.#answered(received);
    else if ('params' in received && 'sessionId' in received.params)
      this.#workers.push(received.params.sessionId);
    else if ('params' in received && 'message' in received.params)
      this.#receive(received.params.message);
  }

  #answered({ id, result, error }: z.infer<typeof answer>): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(`inspector: ${error.message}`));
  }
}
