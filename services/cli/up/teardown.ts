/** What was started, to be stopped in reverse; at once when told so. */
export class Teardown {
  readonly #steps: { readonly stop: () => Promise<void>; readonly kill: () => void }[] = [];

  add(stop: () => Promise<void>, kill: () => void = () => undefined): void {
    this.#steps.push({ stop, kill });
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** Every step is taken, even after one that fails; rejects with the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.at(-1); step !== undefined; step = this.#steps.at(-1)) {
      await step.stop().catch((error: unknown) => failures.push(error));
      this.#steps.pop();
    }
    if (failures.length > 0) throw failures[0];
  }

  /** For a person who does not want to wait: processes are killed, and `run` gets through. */
  killAll(): void {
    for (const { kill } of this.#steps) kill();
  }
}
