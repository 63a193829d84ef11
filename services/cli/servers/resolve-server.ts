import { CommandError } from '../run-command.js';
import { SOURCES, type Source } from './types.js';

/** Thrown by a step that has nothing to offer; its message is the reason. Any other error ends it. */
export class NotHere extends Error {
  override readonly name = 'NotHere';
}

export interface Ladder<T> {
  /** What is looked for, as a person would say it. */
  readonly server: string;
  readonly steps: Partial<Record<Source, () => Promise<T>>>;
  /** What to install or set, when nothing was found. */
  readonly advice: string;
}

/** Every step that was tried and why it had nothing; next is what to install or set. */
export class ServerNotFound extends CommandError {}

/** Tries the steps in their order until one has something. Throws {@link ServerNotFound}. */
export async function climb<T>(
  { server, steps, advice }: Ladder<T>,
  allowed: readonly Source[],
): Promise<{ source: Source; found: T }> {
  const reasons: string[] = [];
  for (const source of SOURCES) {
    const step = steps[source];
    if (step === undefined) continue;
    if (!allowed.includes(source)) {
      reasons.push(`${source}: left out by QUITTANCE_SERVERS`);
      continue;
    }
    try {
      return { source, found: await step() };
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      reasons.push(`${source}: ${error.message.replaceAll('\n', '\n      ')}`);
    }
  }
  const tried = reasons.map((reason) => `    ${reason}`).join('\n');
  throw new ServerNotFound(`No ${server} to run. Tried:\n${tried}`, advice);
}
