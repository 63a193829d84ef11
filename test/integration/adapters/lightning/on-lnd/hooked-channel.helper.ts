import type { z } from 'zod';
import type { Fields, Method } from '../../../../../adapters/lightning/lnd/codec.js';
import { type Better, LndChannel } from '../../../../../adapters/lightning/lnd/channel.js';

interface Hook {
  readonly path: string;
  readonly run: () => unknown;
}

/** A channel that does something just before the next call of a method: for faults at exactly that moment. */
export class HookedChannel extends LndChannel {
  readonly #hooks: Hook[] = [];

  /** Once. Earlier ones run first. */
  before({ path }: Pick<Method<z.ZodType>, 'path'>, run: () => unknown): void {
    this.#hooks.push({ path, run });
  }

  override async call<S extends z.ZodType>(
    method: Method<S>,
    request: Fields,
    timeoutMs?: number,
  ): Promise<z.output<S>> {
    await this.#run(method.path);
    return super.call(method, request, timeoutMs);
  }

  override async first<S extends z.ZodType>(
    method: Method<S>,
    request: Fields,
    accept?: (answer: z.output<S>) => boolean,
    better?: Better<z.output<S>>,
  ): Promise<z.output<S> | undefined> {
    await this.#run(method.path);
    return super.first(method, request, accept, better);
  }

  async #run(path: string): Promise<void> {
    const at = this.#hooks.findIndex((hook) => hook.path === path);
    const [hook] = at === -1 ? [] : this.#hooks.splice(at, 1);
    await hook?.run();
  }
}
