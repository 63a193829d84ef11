/** Stops what was started, in reverse order. */
export class Teardown {
  readonly #steps: { readonly stop: () => Promise<void>; readonly kill: () => void }[] = [];

  add(stop: () => Promise<void>, kill: () => void = () => undefined): void {
    this.#steps.push({ stop, kill });
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** Runs every step, also after one that fails; rejects with the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.at(-1); step !== undefined; step = this.#steps.at(-1)) {
      await step.stop().catch((error: unknown) => failures.push(error));
      this.#steps.pop();
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Kills the processes, so that `run` does not wait for them to drain. */
  killAll(): void {
    for (const { kill } of this.#steps) kill();
  }
}
