import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';

/** For {@link heapAfterCollection} a process is started with this in NODE_OPTIONS. */
export const INSPECTABLE = '--inspect=127.0.0.1:0';

const LISTENING = /Debugger listening on (ws:\S+)/g;

/** Where the process that was started last can be inspected, as the log with its stderr has it. */
export function inspectorUrl(log: string): string {
  const url = [...log.matchAll(LISTENING)].at(-1)?.[1];
  if (url === undefined) throw new Error(`nothing listens: NODE_OPTIONS wants ${INSPECTABLE}`);
  return url;
}

/** What a thread answers to a method of V8's inspector. */
type Ask = (method: string) => Promise<unknown>;

const heapUsage = z.object({ usedSize: z.number() });

/** To collect twice in every thread. */
const PATIENCE_MS = 60_000;

/**
 * The bytes that a process holds on the heaps of all its threads when everything that nobody needs has been collected. Rejects when
 * it has not told them in time.
 */
export async function heapAfterCollection(
  url: string,
  patienceMs: number = PATIENCE_MS,
): Promise<number> {
  const socket = new WebSocket(url);
  const heard = heapOf(socket);
  try {
    return await Promise.race([heard, failureOf(socket, patienceMs)]);
  } finally {
    socket.terminate();
  }
}

async function heapOf(socket: WebSocket): Promise<number> {
  await once(socket, 'open');
  const threads = await new Inspector(socket).threads();
  // What the first leaves to be finalized goes with the second.
  for (const ask of [...threads, ...threads]) await ask('HeapProfiler.collectGarbage');
  const usages = await Promise.all(threads.map((ask) => ask('Runtime.getHeapUsage')));
  return usages.reduce<number>((sum, usage) => sum + heapUsage.parse(usage).usedSize, 0);
}

function failureOf(socket: WebSocket, patienceMs: number): Promise<never> {
  return new Promise((_, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the inspected process hung up')));
    AbortSignal.timeout(patienceMs).addEventListener('abort', () =>
      reject(new Error(`the inspected process has not answered within ${patienceMs / 1000} s`)),
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
    socket.on('message', (data: Buffer) => this.#hear(data.toString()));
  }

  /** The main thread, and all others there are. */
  async threads(): Promise<Ask[]> {
    // Answered after the threads have been told of.
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

  #hear(text: string): void {
    const heard = message.parse(JSON.parse(text));
    if ('id' in heard) this.#answered(heard);
    else if ('params' in heard && 'sessionId' in heard.params)
      this.#workers.push(heard.params.sessionId);
    else if ('params' in heard && 'message' in heard.params) this.#hear(heard.params.message);
  }

  #answered({ id, result, error }: z.infer<typeof answer>): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(`the inspector: ${error.message}`));
  }
}
