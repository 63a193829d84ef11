import { CommandError } from '../run-command.js';
import { SOURCES, type Source } from './types.js';

/** Thrown by a source that does not have the server; its message is the reason. Any other error ends the search. */
export class NotAvailable extends Error {
  override readonly name = 'NotAvailable';
}

export interface ServerSearch<T> {
  /** The server's name, for people. */
  readonly server: string;
  readonly sources: Partial<Record<Source, () => Promise<T>>>;
  /** What to install or set when no source has it. */
  readonly advice: string;
}

/** Its message has every source that was tried with its reason; `next` is what to install or set. */
export class ServerNotFound extends CommandError {}

/** Tries the sources in the order of {@link SOURCES} until one has the server. Throws {@link ServerNotFound}. */
export async function resolveServer<T>(
  { server, sources, advice }: ServerSearch<T>,
  allowed: readonly Source[],
): Promise<{ source: Source; found: T }> {
  const reasons: string[] = [];
  for (const source of SOURCES) {
    const find = sources[source];
    if (find === undefined) continue;
    if (!allowed.includes(source)) {
      reasons.push(`${source}: left out by QUITTANCE_SERVERS`);
      continue;
    }
    try {
      return { source, found: await find() };
    } catch (error) {
      if (!(error instanceof NotAvailable)) throw error;
      reasons.push(`${source}: ${error.message.replaceAll('\n', '\n      ')}`);
    }
  }
  const tried = reasons.map((reason) => `    ${reason}`).join('\n');
  throw new ServerNotFound(`No ${server} to run. Tried:\n${tried}`, advice);
}
